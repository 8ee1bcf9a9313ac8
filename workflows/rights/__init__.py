"""How does a decided right take effect, how does it end, and who is told?

Every process that gives or ends rights comes here; this package imports no process. What a process adds about the
rights it gave, such as the head who had asked for them, it registers in `askers`.
"""
