"""From files to findings: what to grade (``plan``), how (``grade``), where it runs (``executors``),
and whether the course's own files can be trusted (``verify``)."""
