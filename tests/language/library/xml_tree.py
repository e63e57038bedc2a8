# xml.etree.ElementTree.
from xml.etree import ElementTree

root = ElementTree.fromstring("<r><i n='1'>a</i><i n='2'/><!-- c --><j>b&amp;<k/>tail</j></r>")
print([(e.tag, e.attrib, e.text, e.tail) for e in root.iter()], root.find("j").text, [e.get("n") for e in root.findall("i")])
# expect: [('r', {}, None, None), ('i', {'n': '1'}, 'a', None), ('i', {'n': '2'}, None, None), ('j', {}, 'b&', None), ('k', {}, None, 'tail')] b& ['1', '2']
root.append(ElementTree.Element("new", {"a": "<"}))
print(ElementTree.tostring(root, encoding="unicode"))
# expect: <r><i n="1">a</i><i n="2" /><j>b&amp;<k />tail</j><new a="&lt;" /></r>
try:
    ElementTree.fromstring("<a><b></a>")
except ElementTree.ParseError as error:
    print(error)
# expect: mismatched tag: line 1, column 8
