# A generator that is suspended when the program ends leaves its blocks.
def suspended():
    try:
        yield
    finally:
        print("finally")


kept = suspended()
next(kept)
print("end")
# expect: end
# expect: finally
