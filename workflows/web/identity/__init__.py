"""Who is asking, and did the request come from a page of ours?"""
