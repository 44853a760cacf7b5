"""Programs as students write them: order, what failed where, what is kept, printed, or not there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from grader.errors import UsageFault
from grader.sandbox import probe, server
from grader.sandbox.program import Ask, Call, Cell, Limits, Program, Ran, Ref, State
from grader.sandbox.sandbox import Sandbox
from grader.sandbox.server import ServerFault
from grader.sandbox.tiers import BUBBLEWRAP, NONE, Tier, command
from tests.sandbox.boxes import NAMES, need


@pytest.fixture(scope="module", params=NAMES)
def box(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    need(request.param)
    with Sandbox(tier=request.param) as found:
        yield found


@pytest.fixture(scope="module", params=NAMES)
def hasty(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    need(request.param)
    with Sandbox(Limits(seconds=1.0), request.param) as found:
        yield found


def cells(*sources: str) -> tuple[Cell, ...]:
    return tuple(Cell(source, f"cell {i}") for i, source in enumerate(sources, 1))


def variable(name: str, after: int = 0) -> Ask:
    return Ask(name, after, variable=name)


def call(function: str, *arguments: Any, after: int = 0, key: str = "") -> Ask:
    return Ask(key or function, after, (Call(function, arguments),))


def one(box: Sandbox, ask: Ask, *sources: str) -> Ran:
    return box.run(Program(cells(*sources), (ask,)))[ask.key]


# ---- order


def test_a_name_used_again_further_down_changes_nothing(box: Sandbox) -> None:
    asks = (Ask("first", 0, variable="w"), Ask("second", 1, variable="w"))
    ran = box.run(Program(cells("w = 1", "w = w + 10"), asks))
    assert [ran[k].value for k in ("first", "second")] == [1, 11]


def test_asks_before_the_first_cell_see_nothing(box: Sandbox) -> None:
    assert one(box, variable("w", -1), "w = 1") == Ran(State.ABSENT, None, "No w is defined up to the start.")


def test_a_cell_that_fails_costs_only_what_it_should_have_set(box: Sandbox) -> None:
    asks = (variable("a", 2), variable("b", 2), variable("c", 2), variable("d", 2))
    ran = box.run(Program(cells("a = 1\nb = 1", "b = 1 / 0\nd = 2", "c = a + 1"), asks))
    assert (ran["a"].value, ran["c"].value) == (1, 2)
    message = "cell 2 raised ZeroDivisionError: division by zero (line 1)."
    assert ran["b"] == Ran(State.RAISED, None, f"b is not there: {message}", "cell 2, line 1")
    assert ran["d"] == Ran(State.RAISED, None, f"d is not there: {message}", "cell 2, line 1")


def test_what_a_cell_did_before_it_failed_is_kept(box: Sandbox) -> None:
    assert one(box, variable("a"), "a = 5\nraise ValueError('later')").value == 5


@pytest.mark.parametrize(
    "last", ["w = 3", "w = 1", "(v, w) = 0, 1", "for w in (1,):\n    pass", "import os as w\nw = 1"]
)
def test_a_name_set_again_after_a_failure_is_there(box: Sandbox, last: str) -> None:
    assert one(box, variable("w", 2), "w = 1", "w = None + 1", last).value in (1, 3)


@pytest.mark.parametrize(
    "failing", ["w = 2 / 0", "v, w = 1 / 0", "(v, w) = 1 / 0", "w: int = 1 / 0", "w += None"]
)
def test_a_failed_cell_does_not_leave_the_value_of_another_question(box: Sandbox, failing: str) -> None:
    ran = one(box, variable("w", 1), "w = 1", failing)
    assert ran.state is State.RAISED
    assert ran.message.startswith("w is not there: cell 2 raised ")


@pytest.mark.parametrize(
    "killed",
    [
        "import os\nv, w = 1, os._exit(1)",
        "import os\nfor w in [2]:\n    os._exit(1)",
        "import os\ndef w():\n  0\nos._exit(1)",
    ],
)
def test_a_cell_that_ended_the_process_does_not_either(box: Sandbox, killed: str) -> None:
    ran = one(box, variable("w", 1), "w = 1", killed)
    assert ran == Ran(
        State.DIED, None, "w is not there: cell 2 ended the process with exit status 1.", "cell 2"
    )


def test_a_cell_that_only_reads_a_name_is_not_to_blame(box: Sandbox) -> None:
    assert one(box, variable("w", 1), "w = 1", "import os\nprint(w, end='')\nos._exit(w == w)").value == 1
    assert one(box, variable("w", 1), "w = 1", "v = w / 0").value == 1


def test_no_such_name_says_what_failed_before(box: Sandbox) -> None:
    ran = one(box, call("fit", 1, after=1), "x = 1", "y = int('q')")
    assert ran.state is State.ABSENT
    assert ran.message == (
        "No fit is defined up to cell 2. Before that, cell 2 raised ValueError: invalid literal for int() "
        "with base 10: 'q' (line 1)."
    )


def test_something_that_is_no_function(box: Sandbox) -> None:
    assert one(box, call("f", 1), "f = [1]") == Ran(State.ABSENT, None, "f is a list, no function.")


def test_a_call_that_raises_names_the_line(box: Sandbox) -> None:
    ran = one(
        box, call("f", 0, after=1), "def g(x):\n    return 1 / x", "def f(x):\n    y = g(x)\n    return y"
    )
    message = "f(…) raised ZeroDivisionError: division by zero (cell 1, line 2)."
    assert ran == Ran(State.RAISED, None, message, "cell 1, line 2")


def test_too_few_arguments(box: Sandbox) -> None:
    ran = one(box, call("f", 1, 2), "def f(x):\n    return x")
    assert ran.message == "f(…) raised TypeError: f() takes 1 positional argument but 2 were given."


def test_text_of_an_exception_cannot_steer_a_terminal(box: Sandbox) -> None:
    ran = one(box, call("f"), "def f():\n    raise ValueError('\\x1b[2J\\u202e\\nx' + 'y' * 999)")
    assert ran.message.startswith("f(…) raised ValueError: \\u001b[2J\\u202e xyyy")
    assert ran.message.isprintable()
    assert len(ran.message) < 400


def test_text_that_is_no_python(box: Sandbox) -> None:
    ran = one(box, variable("w"), "w = (1")
    assert ran.message == "w is not there: cell 1 raised SyntaxError: '(' was never closed (line 1)."


# ---- values


ARRAYS = [
    np.arange(6.0).reshape(2, 3),
    np.arange(6.0).reshape(2, 3).T,
    np.array(2.5),
    np.zeros((0, 3)),
    np.array([True, False]),
    np.arange(3, dtype="i2"),
    np.array([1 + 2j, np.inf]),
    np.arange(3, dtype=">f8"),
    np.arange(4, dtype="f4")[::-2],
]


def test_values_go_in_and_come_out_as_they_are(box: Sandbox) -> None:
    plain: list[Any] = [
        None,
        True,
        0,
        -(10**30),
        1.5,
        float("inf"),
        2 - 1j,
        "é\n\0",
        [],
        (1, [2.0]),
        {"a": (1,)},
    ]
    ran = one(box, call("f", plain), "def f(x):\n    return x")
    assert ran.value == plain
    assert [type(x) for x in ran.value] == [type(x) for x in plain]
    arrays = one(box, call("f", ARRAYS), "def f(x):\n    return x").value
    for sent, came in zip(ARRAYS, arrays, strict=True):
        assert type(came) is np.ndarray
        assert came.dtype == sent.dtype.newbyteorder("=")
        np.testing.assert_array_equal(came, sent, strict=sent.dtype.isnative)
        assert came.flags.writeable


def test_numpy_numbers_come_out_as_numbers(box: Sandbox) -> None:
    numbers = "np.float32(0.5), np.int8(-3), np.bool_(True), np.longdouble(2), np.str_('a')"
    source = f"import numpy as np\nv = [{numbers}]"
    value = one(box, variable("v"), source).value
    assert value == [0.5, -3, True, 2.0, "a"]
    assert [type(x) for x in value] == [float, int, bool, float, str]


def test_relatives_of_lists_and_dictionaries(box: Sandbox) -> None:
    source = "from collections import *\nd = defaultdict(list)\nd['a'].append(1)\n"
    source += "v = [d, OrderedDict(b=2), range(3)]"
    assert one(box, variable("v"), source).value == [{"a": [1]}, {"b": 2}, [0, 1, 2]]


def test_a_matrix_and_an_array_of_objects_are_still_numbers(box: Sandbox) -> None:
    value = one(
        box, variable("v"), "import numpy as np\nv = [np.matrix([[1.0, 2.0]]), np.array([1, 2.5], object)]"
    ).value
    np.testing.assert_array_equal(value[0], np.array([[1.0, 2.0]]), strict=True)
    assert value[1] == [1, 2.5]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("v = {1, 2}", "v is a set, which is no number, text, array or list of these."),
        ("v = lambda: 0", "v is a function, which is no number, text, array or list of these."),
        ("v = {1: 2}", "v is a dictionary with an int as a key; only text will do."),
        (
            "import numpy\nv = numpy.array(['2020'], 'M8[Y]')",
            "v is an array of datetime64[Y], which are no numbers.",
        ),
        (
            "import pandas\nv = pandas.Series([1])",
            "v is a pandas Series, which is no number, text, array or list of these.",
        ),
    ],
)
def test_what_is_not_plain_is_named(box: Sandbox, source: str, message: str) -> None:
    assert one(box, variable("v"), source) == Ran(State.NOT_PLAIN, None, message)


def test_arguments_are_fresh_for_every_call(box: Sandbox) -> None:
    data = np.ones(2)
    asks = (call("f", data, key="a"), call("f", data, key="b"))
    ran = box.run(Program(cells("def f(x):\n    x += 1\n    return x"), asks))
    assert [ran[k].value.tolist() for k in "ab"] == [[2.0, 2.0], [2.0, 2.0]]


def test_a_cache_may_be_any_object(box: Sandbox) -> None:
    source = (
        "class Cache:\n    def __init__(self, x):\n        self.x = x\n"
        "def forward(x):\n    return 2 * x, Cache(x)\n"
        "def backward(d, cache):\n    return d * cache.x, 'more', [1]"
    )
    calls = (Call("forward", (3.0,)), Call("backward", (10.0, Ref(0, 1)), take=(0,)))
    assert one(box, Ask("dx", 0, calls), source).value == (30.0,)
    whole = (Call("forward", (3.0,)), Call("backward", (10.0, Ref(0, 2))))
    ran = one(box, Ask("dx", 0, whole), source)
    assert ran.message == "What backward(…) returned is a tuple of 2; item 3 of it was expected."


def test_methods_and_dotted_names(box: Sandbox) -> None:
    source = (
        "class Layer:\n    def __init__(self, w):\n        self.w = w\n"
        "    def forward(self, x):\n        return self.w * x\n"
        "    @staticmethod\n    def name():\n        return 'L'"
    )
    asks = (
        Ask("method", 0, (Call("Layer", (2,)), Call(".forward", (Ref(0), 21)))),
        Ask("static", 0, (Call("Layer.name", ()),)),
    )
    ran = box.run(Program(cells(source), asks))
    assert (ran["method"].value, ran["static"].value) == (42, "L")


def test_one_number_where_a_tuple_was_wanted(box: Sandbox) -> None:
    ran = one(box, Ask("f", 0, (Call("f", (), take=(0, 1)),)), "def f():\n    return 1.0")
    assert (ran.state, ran.message) == (
        State.NOT_PLAIN,
        "What f(…) returned is a float; a tuple was expected.",
    )


# ---- seeds, output


def test_the_same_program_gives_the_same_values(box: Sandbox) -> None:
    source = (
        "import random, numpy as np\n"
        "v = [random.random(), np.random.rand(), np.random.randn(2), hash('a'), list({'a', 'b', 'c'})]"
    )
    first, second = (one(box, variable("v"), source).value for _ in range(2))
    assert repr(first) == repr(second)


def test_what_the_cell_and_the_call_print(box: Sandbox) -> None:
    asks = (Ask("a", 1, (Call("f", (1,)),)), Ask("b", 1, (Call("f", (2,)),)))
    source = "import sys\ndef f(x):\n    print('called', x)\n    return x"
    ran = box.run(Program(cells(source, "print('here', file=sys.stderr)"), asks))
    assert (ran["a"].printed, ran["b"].printed) == ("here\ncalled 1\n", "here\ncalled 2\n")


def test_only_the_end_of_what_is_printed_is_kept() -> None:
    need("landlock")
    with Sandbox(Limits(output=1000), "landlock") as box:
        ran = one(box, variable("a"), "print('x' * 5000)\nfor i in range(5000): print(i)\na = 1")
    assert ran.value == 1
    assert ran.printed.endswith("4998\n4999\n")
    assert len(ran.printed) == 1000


def test_what_was_printed_before_the_process_died(box: Sandbox) -> None:
    ran = one(box, call("f"), "print('cell')\ndef f():\n    print('almost')\n    import os\n    os._exit(3)")
    assert ran == Ran(State.DIED, None, "f(…) ended the process with exit status 3.", printed="almost\n")


# ---- what hangs or dies


def test_a_call_that_hangs_costs_only_itself(hasty: Sandbox) -> None:
    source = "def f(x):\n    while x == 1:\n        pass\n    return x"
    asks = tuple(call("f", x, key=str(x)) for x in range(4))
    ran = hasty.run(Program(cells(source), asks))
    assert [ran[str(x)].value for x in range(4)] == [0, None, 2, 3]
    assert ran["1"] == Ran(State.TIME, None, "f(…) ran for more than 1 seconds and was stopped.")


def test_a_function_that_hangs_twice_is_not_waited_for_again(hasty: Sandbox) -> None:
    source = "def f(x):\n    while True:\n        pass\ndef g(x):\n    return x"
    asks = (*(call("f", x, key=f"f{x}") for x in range(5)), call("g", 7))
    ran = hasty.run(Program(cells(source), asks))
    assert ran["g"].value == 7
    assert {ran[f"f{x}"].state for x in range(5)} == {State.TIME}
    assert ran["f4"].message == "Not tried: f(…) ran out of time 2 times before."


def test_a_submission_has_so_much_time_and_no_more() -> None:
    need("landlock")
    with Sandbox(Limits(seconds=1.0, total=3.0), "landlock") as box:
        loops = ["while True:\n    pass"] * 8
        program = Program(cells("a = 1", *loops, "b = 2"), (variable("a", 0), variable("b", 9)))
        ran = box.run(program)
    assert ran["a"].value == 1
    assert ran["b"] == Ran(State.TIME, None, "Not tried: the whole submission ran for 3 seconds.")


def test_many_crashes_come_to_an_end(box: Sandbox) -> None:
    crash = "import os\nos._exit(1)"
    program = Program(cells("a = 1", *[crash] * 20, "b = 2"), (variable("a", 0), variable("b", 21)))
    ran = box.run(program)
    assert ran["a"].value == 1
    assert ran["b"] == Ran(
        State.DIED, None, "Not tried: this submission's code hung or crashed 9 times before."
    )


def test_a_call_that_needs_too_much_memory(box: Sandbox) -> None:
    ran = one(box, call("f", 10**6), "import numpy\ndef f(n):\n    return numpy.ones((n, n))")
    assert ran == Ran(State.MEMORY, None, "f(…) needed more than 1024 MiB of memory.", "cell 1, line 3")


# ---- packages, pictures, the notebook's own lines


def test_a_package_that_is_not_there_is_no_mistake(box: Sandbox) -> None:
    sources = (
        "import nosuchpackage as t\nimport math\ndef g(x):\n    return t.ones(x)",
        "def f(x):\n    return math.sqrt(x)",
    )
    ran = box.run(Program(cells(*sources), (call("f", 4.0, after=1), call("g", 1, after=1))))
    assert ran["f"].value == 2.0
    assert ran["g"] == Ran(
        State.NOT_RUN,
        None,
        "g(…) needs the package nosuchpackage, which is not installed where code is graded; it was not run.",
        "cell 1, line 4",
        missing_module="nosuchpackage",
    )


def test_what_follows_from_a_missing_package_is_no_mistake_either(box: Sandbox) -> None:
    ran = one(
        box,
        variable("w", 2),
        "import nosuchpackage\nmodel = nosuchpackage.Model()",
        "x = model.fit()",
        "w = x + 1",
    )
    assert (ran.state, ran.missing_module) == (State.NOT_RUN, "nosuchpackage")
    star = one(box, call("f", after=1), "from nosuchpackage import *", "def f():\n    return softmax(1)")
    assert (star.state, star.missing_module) == (State.NOT_RUN, "nosuchpackage")


def test_a_package_that_a_class_imports_is_imported_once(box: Sandbox) -> None:
    pytest.importorskip("sympy")
    source = "import sys\nthere = 'sympy' in sys.modules\nimport sympy\nx = str(sympy.sqrt(8))"
    program = Program(cells(source), (variable("there"), variable("x")))
    seen = [box.run(program) for _ in range(3)]
    assert [r["there"].value for r in seen] == [False, True, True]
    assert {r["x"].value for r in seen} == {"2*sqrt(2)"}
    assert box._warm == ("sympy",)
    box.close()  # the next one is started with it
    assert box.run(program)["there"].value is True


def test_a_server_that_cannot_import_a_package_does_without(monkeypatch: pytest.MonkeyPatch) -> None:
    need("landlock")
    with Sandbox(tier="landlock") as box:
        box._warm = ("os.nothing",)
        box._imports["os.nothing"] = 5
        box.close()
        assert one(box, variable("w"), "w = 1").value == 1

        def broken(tier: Tier, limits: Limits, control: int, warm: tuple[str, ...] = ()) -> list[str]:
            return ["/bin/false"] if warm else command(tier, limits, control)

        monkeypatch.setattr(server, "command", broken)
        box.close()
        assert [one(box, variable("w"), "w = 1").value for _ in range(2)] == [1, 1]
        assert not box._warm


def test_a_misspelled_part_of_a_package_is_a_mistake(box: Sandbox) -> None:
    ran = one(box, variable("w"), "import numpy.linalgg\nw = 1 / 0")
    assert (
        ran.message
        == "w is not there: cell 1 raised ModuleNotFoundError: No module named 'numpy.linalgg' (line 1)."
    )


def test_pictures_and_progress_bars_cost_nothing(box: Sandbox) -> None:
    source = """
%matplotlib inline
import matplotlib.pyplot as plt, seaborn as sns
import numpy as np
from mpl_toolkits.mplot3d import Axes3D
from tqdm.auto import tqdm, trange
from IPython.display import display, Markdown
from google.colab import drive
!pip install torch
plt.rcParams['figure.figsize'] = (8, 6)
fig, ax = plt.subplots()
fig, (left, right) = plt.subplots(1, 2, figsize=(8, 4))
fig, grid = plt.subplots(2, 3)
for row in grid:
    for a in row:
        a.set_title('t')
grid[0, 1].plot([1, 2])
for a in grid.flat:
    a.imshow(np.eye(2))
line, = ax.plot([1], [2], 'r--', label='x')
counts, bins, patches = plt.hist([1, 2])
upper, lower = plt.figure().subplots(2, 1)
seen = 0
for colour, x in zip(plt.rcParams['axes.prop_cycle'].by_key()['color'], range(4)):
    seen += x * (ax.get_ylim()[1] > 0)
from matplotlib.patches import Patch
class Mine(Patch):
    pass
Mine(3).draw(plt.gca().get_position().width / 2)
sns.set(style='whitegrid')
with plt.style.context('ggplot'):
    plt.colorbar(ax.scatter([1], [2], c='r')).set_label('z')
plt.tight_layout(); plt.savefig('x.png'); plt.show()
display(Markdown('# hi'))
total = 0
for i in tqdm(range(5), desc='x'):
    total += i
with trange(3) as bar:
    for i in bar:
        bar.set_postfix(loss=i)
        total += i
%time total += 1
files = !ls
get_ipython().run_line_magic('load_ext', 'autoreload')
total?
"""
    ran = one(box, variable("total"), source)
    assert (ran.value, ran.message) == (14, "")


@pytest.mark.parametrize("source", ["%%time\nw = 3", "%%capture out\nw = 3", "\n\n%%timeit -n 1\nw = 3"])
def test_cell_magics_around_python(box: Sandbox, source: str) -> None:
    assert one(box, variable("w"), source).value == 3


def test_a_cell_may_await(box: Sandbox) -> None:
    """As a notebook's may; there is no loop of events, so only what needs none comes to an end."""
    source = "import asyncio\nasync def f():\n    await asyncio.sleep(0)\n    return 3\nw = await f()"
    assert one(box, variable("w"), source).value == 3
    ran = one(box, variable("w"), "import asyncio\nw = await asyncio.sleep(1, 3)")
    assert ran.message == "w is not there: cell 1 raised RuntimeError: no running event loop (line 2)."


def test_a_line_that_begins_with_a_percent_sign_may_be_python(box: Sandbox) -> None:
    assert one(box, variable("w"), "w = (7\n% 4)\ns = '''\n%matplotlib\n!x\n'''").value == 3


def test_a_cell_in_another_language_is_left_out(box: Sandbox) -> None:
    ran = one(box, variable("w", 1), "%%bash\nw=3", "x = 1")
    message = "w is not there: cell 1 is not Python (%%bash) and was left out."
    assert ran == Ran(State.ABSENT, None, message, "cell 1")


def test_files_beside_the_notebook(box: Sandbox) -> None:
    ran = one(box, variable("w"), "w = open('data.csv').read()")
    assert ran.message == (
        "w is not there: cell 1 raised FileNotFoundError: [Errno 2] No such file or directory: 'data.csv' "
        "(line 1). Files beside the notebook are not there when it is graded."
    )


# ---- our own faults


def test_without_a_sandbox_nothing_runs_and_nobody_is_blamed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "is_linux", lambda: False)
    monkeypatch.setattr("platform.system", lambda: "Darwin")
    with Sandbox() as box:
        assert box.tier is NONE
        ran = one(box, variable("w"), "w = 1")
    why = "it needs Linux, and this is Darwin; run the grader in a Linux container or machine"
    assert ran == Ran(
        State.NOT_RUN,
        None,
        f"Code was not run, since no sandbox works here. bubblewrap: {why}; landlock: {why}.",
    )


def test_switched_off() -> None:
    with Sandbox(tier="none") as box:
        assert one(box, variable("w"), "w = 1").message == "Code was not run: the sandbox is switched off."


def test_the_environment_chooses_among_tiers_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADE_SANDBOX", "none")
    with Sandbox() as box:
        assert box.tier is NONE
    monkeypatch.setenv("GRADE_SANDBOX", "unsafe")
    message = "no sandbox is called 'unsafe'; there are auto, bubblewrap, landlock and none"
    with pytest.raises(UsageFault, match=f"^{message}$"):
        Sandbox()


def test_a_tier_that_lets_something_through_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    need("landlock")
    monkeypatch.setattr(probe, "_BREAK_OUT", "found = ['a socket', 'fork']")
    with Sandbox(tier="landlock") as box:
        assert box.tier is NONE
        assert box.reasons == {"landlock": "it does not hold here: code inside reached a socket, fork"}


def test_what_bubblewrap_says_when_it_cannot_start(monkeypatch: pytest.MonkeyPatch) -> None:
    need("bubblewrap")
    script = "echo 'bwrap: setting up uid map: Permission denied' >&2; exit 1"
    monkeypatch.setattr(server, "command", lambda *arguments: ["/bin/sh", "-c", script])
    found, why = probe.start(BUBBLEWRAP, Limits())
    assert found is None
    assert why == (
        "bwrap: setting up uid map: Permission denied. On Ubuntu 24.04 and later AppArmor forbids it the "
        "namespaces it needs: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor "
        "profile for bwrap"
    )


@pytest.mark.parametrize(
    "said",
    [
        "bwrap: execvp /opt/python/bin/python3: Permission denied",
        "bwrap: Can't find source path /home/s/python/lib: Permission denied",
        "ModuleNotFoundError: No module named 'encodings'",
    ],
)
def test_an_interpreter_that_cannot_be_read_is_not_blamed_on_the_kernel(
    monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    need("bubblewrap")
    monkeypatch.setattr(server, "command", lambda *arguments: ["/bin/sh", "-c", f'echo "{said}" >&2; exit 1'])
    found, why = probe.start(BUBBLEWRAP, Limits())
    assert found is None
    assert why == (
        f"{said}. Inside, nobody has more rights than everybody has: interpreter and packages must be "
        "readable for all (chmod -R a+rX, and a+x on the folders above), or others be used"
    )


def test_a_server_that_dies_is_replaced(box: Sandbox) -> None:
    program = Program(cells("w = 1"), (variable("w"),))
    assert box.run(program)["w"].value == 1
    assert box._server is not None
    box._server._process.kill()
    box._server._process.wait()
    assert box.run(program)["w"].value == 1


def test_a_sandbox_that_keeps_breaking_blames_nobody(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*arguments: object) -> None:
        raise ServerFault("it ended without a word")

    monkeypatch.setattr("grader.sandbox.sandbox.once", broken)
    ran = one(box, variable("w"), "w = 1")
    assert ran == Ran(State.NOT_RUN, None, "The sandbox broke while this ran: it ended without a word.")


def test_an_interrupted_run_leaves_nothing_behind(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("grader.sandbox.sandbox.once", interrupted)
        with pytest.raises(KeyboardInterrupt):
            one(box, variable("w"), "w = 1")
    assert box._server is None
    assert one(box, variable("w"), "w = 1").value == 1


def test_asks_that_nobody_can_answer_are_the_authors_fault(box: Sandbox) -> None:
    with pytest.raises(ValueError, match=r"^ask w: no such cell, or not either calls or a variable$"):
        one(box, variable("w", 3), "w = 1")
    with pytest.raises(ValueError, match=r"^two asks of one program have the same key$"):
        box.run(Program(cells("w = 1"), (variable("w"), variable("w"))))
    with pytest.raises(TypeError, match=r"^set cannot be given to a student's function$"):
        one(box, call("f", {1}), "w = 1")
