"""Results for people and for spreadsheets: data frames, CSV and JSON lines, HTML pages, the terminal."""
