# Searches that look at the first few characters of all alternatives: the same matches in a text of bytes, of narrow and of wide
# characters, where they do not.
import re


def letters(alphabet, count):
    state = 11
    for _ in range(count):
        state = (state * 1103515245 + 12345) % 2147483648
        yield alphabet[(state >> 16) % len(alphabet)]


text = "".join(letters("acgtACG\n", 9000))
patterns = [
    "agg|tta", "a[act]gg|tt[acg]a", "(?i:acg)t|gca", "(a|c)(g|t)a", "aa+c|cc*g", "[^ac]tt|(?=a)ag", "(?:ac){2}g|t{2,3}a",
    "(?<=g)ac|(?<!g)ta", "\\bag|\\Bct", "(?m:^ac|tt$)", "a.c|g.t", "(?>ac|a)g|tgg", "ac|a|gt", "(?:a|c|g|t)(?:c|g)t|\nac",
    "acgtacgta|acgtacgtc", "(a)(?(1)c|t)g|cat", "gt*?a|ca??g", "(?:aa|cc|gg|tt|AA)c", "x?ac|ta", "(?s:a.a|\n.t)", "a[\u0101c]g|tta",
]
for pattern in patterns:
    narrow = [m.span() for m in re.finditer(pattern, text)]
    wide = [m.span() for m in re.finditer(pattern, text + "\u2603")]
    print(len(narrow), narrow == [span for span in wide if span[1] <= len(text)], narrow[-1:], end=" ")
    if pattern.isascii():
        ascii_narrow = [m.span() for m in re.finditer("(?a)" + pattern, text)]
        print(ascii_narrow == [m.span() for m in re.finditer(pattern.encode(), text.encode())], end=" ")
    print(re.compile(pattern).search(text, 17, 5000), re.subn(pattern, "-", text)[1])
# expect: 33 True [(8718, 8721)] True <re.Match object; span=(982, 985), match='tta'> 33
# expect: 9 True [(7871, 7875)] True <re.Match object; span=(155, 159), match='ttga'> 9
# expect: 32 True [(8908, 8911)] True <re.Match object; span=(146, 150), match='acGt'> 32
# expect: 62 True [(8983, 8986)] True <re.Match object; span=(339, 342), match='aga'> 62
# expect: 148 True [(8839, 8841)] True <re.Match object; span=(227, 230), match='ccg'> 148
# expect: 207 True [(8986, 8988)] True <re.Match object; span=(121, 124), match='gtt'> 207
# expect: 18 True [(7871, 7874)] True <re.Match object; span=(981, 985), match='ttta'> 18
# expect: 142 True [(8984, 8986)] True <re.Match object; span=(85, 87), match='ac'> 142
# expect: 164 True [(8983, 8985)] True <re.Match object; span=(22, 24), match='ct'> 164
# expect: 29 True [(8424, 8426)] True <re.Match object; span=(66, 68), match='ac'> 29
# expect: 245 True [(8936, 8939)] True <re.Match object; span=(40, 43), match='gat'> 245
# expect: 142 True [(8986, 8988)] True <re.Match object; span=(178, 180), match='ag'> 142
# expect: 1273 True [(8993, 8994)] True <re.Match object; span=(17, 19), match='ac'> 1273
# expect: 158 True [(8982, 8985)] True <re.Match object; span=(42, 45), match='tgt'> 158
# expect: 0 True [] True None 0
# expect: 24 True [(8806, 8809)] True <re.Match object; span=(204, 207), match='cat'> 24
# expect: 287 True [(8974, 8977)] True <re.Match object; span=(27, 29), match='ga'> 287
# expect: 86 True [(8914, 8917)] True <re.Match object; span=(89, 92), match='ccc'> 86
# expect: 267 True [(8984, 8986)] True <re.Match object; span=(17, 19), match='ac'> 267
# expect: 249 True [(8976, 8979)] True <re.Match object; span=(53, 56), match='aCa'> 249
# expect: 29 True [(8806, 8809)] <re.Match object; span=(982, 985), match='tta'> 29
