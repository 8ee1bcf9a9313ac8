"""Which kind of file is this, and what does it hold? Facts only: no trust, no clock, no opinion."""
