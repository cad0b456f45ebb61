"""Face verification and recognition: is this the person claimed? Who is it, or nobody?"""
