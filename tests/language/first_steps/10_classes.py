# Classes, methods, inheritance.
class Point:
    count = 0

    def __init__(self, x, y):
        self.x = x
        self.y = y
        Point.count += 1

    def __repr__(self):
        return f"Point({self.x}, {self.y})"

    def __add__(self, other):
        return Point(self.x + other.x, self.y + other.y)

    def __eq__(self, other):
        return self.x == other.x and self.y == other.y

    @property
    def length(self):
        return (self.x ** 2 + self.y ** 2) ** 0.5

    @classmethod
    def origin(cls):
        return cls(0, 0)

    @staticmethod
    def double(n):
        return n * 2


class Point3(Point):
    def __init__(self, x, y, z):
        super().__init__(x, y)
        self.z = z


p = Point(3, 4)
q = Point3(1, 2, 3)
print(p, p.length, p + q, p == Point(3, 4), Point.origin(), Point.double(4), q.z, isinstance(q, Point), Point.count)
# expect: Point(3, 4) 5.0 Point(4, 6) True Point(0, 0) 8 3 True 5
