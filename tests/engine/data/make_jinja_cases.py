#!/usr/bin/env python3
"""Writes jinja_cases.json: small templates and what the real Jinja makes of them.

Needs Python 3.11 or later and jinja2 3.1.2. The environment is the one that transformers' apply_chat_template sets up.
Where Jinja raises an error, "expected" is null and "error" names it: only that there is one is compared.
Run it in this folder after changing a table below: python3 make_jinja_cases.py
"""
import datetime
import json
import sys

import jinja2
import jinja2.ext
from jinja2.sandbox import ImmutableSandboxedEnvironment

NOW = datetime.datetime(2025, 1, 15, 12, 0, 0)


class GenerationBlocks(jinja2.ext.Extension):
    """{% generation %} … {% endgeneration %}, which marks what the model wrote, rendered as it stands."""

    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("render"), [], [], body).set_lineno(line)

    def render(self, caller):
        return caller()


def environment():
    env = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[GenerationBlocks, "jinja2.ext.loopcontrols"]
    )

    def to_json(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
        return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)

    def raise_exception(message):
        raise jinja2.exceptions.TemplateError(message)

    env.filters["tojson"] = to_json
    env.globals["raise_exception"] = raise_exception
    env.globals["strftime_now"] = NOW.strftime
    return env


CONTEXT = {
    "name": "Ada",
    "greek": "αβγ δέ",
    "emoji": "a😀b",
    "text": "  Hello,\tWorld!\n second line \n",
    "html": "<b>\"x\" & 'y'</b>",
    "words": "the quick brown fox",
    "empty": "",
    "none_value": None,
    "yes": True,
    "no": False,
    "one": 1,
    "seven": 7,
    "minus": -3,
    "pi": 3.14159,
    "half": 0.5,
    "whole": 2.0,
    "tiny": 1e-7,
    "huge": 1e22,
    "long_integer": 12345678901234567890,
    "numbers": [3, 1, 2],
    "mixed": [1, "a", None, True, 2.5, [1], {"k": "v"}],
    "strings": ["b", "A", "c", "a"],
    "empty_list": [],
    "empty_dict": {},
    "dict": {"b": 2, "a": 1, "c": {"d": [1, 2, {"e": "f"}]}},
    "odd_keys": {"items": "I", "keys": "K", "a b": 1, "": 2, "1": "one"},
    "users": [
        {"name": "Bob", "age": 30, "city": "Paris", "admin": True},
        {"name": "alice", "age": 25, "city": "berlin", "admin": False},
        {"name": "Carl", "age": 35, "city": "Berlin"},
    ],
    "tree": [{"v": 1, "kids": [{"v": 2, "kids": []}, {"v": 3, "kids": [{"v": 4, "kids": []}]}]}, {"v": 5, "kids": []}],
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hi there"},
        {"role": "assistant", "content": "<think>\nhm\n</think>\n\nHello!", "tool_calls": None},
        {"role": "user", "content": [{"type": "text", "text": "What?"}, {"type": "image"}]},
    ],
    "tools": [
        {
            "type": "function",
            "function": {
                "name": "get_weather",
                "description": "Weather «now»",
                "parameters": {
                    "type": "object",
                    "properties": {"city": {"type": "string"}, "days": {"type": "integer", "default": 3}},
                    "required": ["city"],
                },
            },
        }
    ],
    "tools_none": None,
}

# Templates that are one expression each, printed.
EXPRESSIONS = {
    "literals": r"""
        1 | 1_000 | 0x1F | 0b101 | 0o17 | 1.5 | 1e3 | 1.5e-7 | 1E+2 | 1_0.5 | 00 | true | True | false | none | None
        'a' | "b" | 'it\'s' | "q\"q" | 'a' 'b' "c" | 'tab\there' | 'new\nline' | '\x41\u00e9\U0001F600' | '\101\60'
        '\q\.' | 'back\\slash' | 'unfinished \x4' | 'é😀' | '' | [1, 2, 3] | [1, 2,] | [] | (1, 2) | (1,)
        () | (1) | 1, 2 | 1, | {'a': 1, 'b': [2]} | {} | {'a': 1,} | {1: 2, 'x': none} | [[1], (2,), {'k': 'v'}]
        {'a': 1, 'a': 2} | {1: 'x', 1.0: 'y', true: 'z'} | {(1, 2): 3} | {[1]: 2} | 12345678901234567890
        99999999999999999999 * 10 | 1.0 | 100000000000000000.0 | 1e16 | 1e15 | 123456789.123 | 0.0001 | 0.00001 | 1e-5
        1.0e300 * 10 | -0.0 | 2e308 | 1.e5 | 08 | 1__0 | 0x | .5 | 5.""",
    "arithmetic": r"""
        1 + 2 | 1 - 2 | 2 * 3 | 7 / 2 | 8 / 2 | 7 // 2 | -7 // 2 | 7 // -2 | 7 % 3 | -7 % 3 | 7 % -3 | 2 ** 10 | 2 ** -1
        2 ** 3 ** 2 | -2 ** 2 | 2 ** 0.5 | 7.5 // 2 | -7.5 // 2 | 7.5 % 2 | -7.5 % 2 | 1.5 + 1 | 0.1 + 0.2 | 1 / 3
        1 / 0 | 1 // 0 | 1 % 0 | 1.0 / 0 | 0 ** -1 | true + true | true * 3 | 5 - false | -true | +yes | --5 | - 5 | +5
        -pi | 'a' + 'b' | 'a' + 1 | 1 + 'a' | 'a' * 3 | 3 * 'ab' | 'a' * 0 | 'a' * -1 | 'a' * 1.5 | 'ab' * true
        [1] + [2] | [1] * 2 | 2 * [1, 2] | (1,) + (2,) | [1] + (2,) | (1,) * 2 | {} + {} | none + 1 | 1 - 'a' | 'a' - 'b'
        1 ~ 2 | 'a' ~ none ~ 1.0 ~ true ~ [1] | missing ~ 'x' | 1 + 2 ~ 3 + 4 | 2 * 3 ~ 4 | 1 + 2 * 3 | (1 + 2) * 3
        10 - 2 - 3 | 100 / 10 / 2 | 2 * 3 % 4 | 1 + -1 | seven + one | seven * half | seven // whole | long_integer + 1
        long_integer * 10 | 2 ** 64 | 10 ** 30 | 7 // 0.5 | 1e308 * 10 | 5 % 3.5 | -5 % 3.5 | 0 * -1.0 | 3 - 3.0 | +'a'
        -'a' | -none | not 1 | 2 ** 100 - 1 | (-8) ** 3 | 1_000 * 2""",
    "comparison": r"""
        1 == 1 | 1 == 1.0 | 1 == true | 0 == false | 1 == '1' | 'a' == 'a' | 'a' == "a" | none == none | none == false
        [1, 2] == [1, 2] | [1] == (1,) | {'a': 1} == {'a': 1.0} | {'a': 1} == {'b': 1} | 1 != 2 | 'a' != 'b' | 1 < 2
        1 < 1 | 1 <= 1 | 2 > 1 | 2 >= 3 | 'a' < 'b' | 'a' < 'B' | 'abc' < 'abd' | [1, 2] < [1, 3] | (1,) < (1, 0)
        1 < 'a' | 'a' < 1 | none < 1 | none < none | {} < {} | [1] < ['a'] | 1 < 2 < 3 | 1 < 3 < 2 | 1 < 2 > 1 | 3 > 2 > 2
        1 == 1 == 1 | 1 in [1, 2] | 3 in [1, 2] | 3 not in [1, 2] | 'a' in 'abc' | 'x' in 'abc' | '' in 'abc' | 1 in 'abc'
        'a' in {'a': 1} | 1 in {'a': 1} | 'a' in ['abc'] | 1 in (1,) | 1 in 5 | 1 in none | 'a' in none_value | [1] in [[1]]
        [1] in {} | 1.0 in [1] | true in [1] | 'e' in empty | none in [none] | missing in [1] | missing in 'abc'
        'a' in missing | 1 in missing | missing == missing | missing == none | missing == '' | missing != 1 | missing < 1
        1 > missing | 'β' in greek | 'Z' < 'a' | 'é' > 'z' | true < 2 | 1.5 < 2 | 2 == 2.0000001 | long_integer == 12345678901234567890
        9007199254740993 == 9007199254740992.0 | 9007199254740993 > 9007199254740992.0 | 3 in range(5) | 3.0 in range(5)
        3.5 in range(5) | 5 in range(5) | -1 in range(5) | 'a' in range(5) | 4 in range(0, 10, 2) | 3 in range(9, 0, -2)
        range(3) == range(3) | range(0) == range(5, 5) | 'a' in dict | 'z' not in dict | not 1 in [1] | not 1 == 2""",
    "logic": r"""
        true and false | true or false | not true | not none | not '' | not [] | not 0 | not 0.0 | not 'a' | 1 and 2 | 0 and 2
        0 or 'x' | 1 or 2 | '' or none | none or [] or 'last' | 1 and 2 and 0 | not missing | missing or 'd' | missing and 1
        not not 1 | not true or true | not (true or true) | true or false and false | 1 if true else 2 | 1 if false else 2
        1 if false | 'x' ~ (1 if false) | 1 if true else 2 if true else 3 | 1 if false else 2 if false else 3
        (1 if yes) + 1 | (1 if no) + 1 | 'a' if missing else 'b' | 1 if 0 else 2 + 3 | [1 if yes else 2, 3] | 1 or 1 / 0
        0 and 1 / 0 | 1 if yes else 1 / 0 | not 1 if yes else 2 | empty_list or 'none' | range(0) or 'empty' | empty_dict and 1
        'x' if empty_dict.keys() else 'y' | 'x' if dict.keys() else 'y' | (yes and no) or one""",
    "access": r"""
        name | missing | missing.x | missing['x'] | missing[0] | missing() | missing.x.y | dict.a | dict['a'] | dict.missing
        dict.missing.x | dict['missing'] | dict.c.d | dict.c.d[2].e | dict['c']['d'][2]['e'] | dict.c.d.2.e | numbers[0]
        numbers[-1] | numbers[3] | numbers[-4] | numbers['a'] | numbers[none] | numbers[1.0] | numbers[true] | numbers.0
        numbers.first | name[0] | name[-1] | name[5] | name['x'] | emoji[1] | emoji[2] | greek[3] | none.x
        none_value.x | none_value['x'] | one.x | one['x'] | yes.x | pi.real2 | odd_keys['items'] | odd_keys['a b'] | odd_keys['']
        odd_keys['1'] | odd_keys[1] | odd_keys.items() | odd_keys.get('items') | odd_keys.keys() | odd_keys.values()
        dict.items() | dict.keys() | dict.values() | empty_dict.items() | messages[0].role | messages[0]['role'] | messages[-1].content[0].text
        messages[2].tool_calls | messages[0].tool_calls | messages.0.role | messages[9] | messages[9].role | tools[0].function.name
        (1, 2)[1] | [1, 2][1] | {'a': 1}.a | {'a': 1}['a'] | 'abc'[1] | ('a', 'b')[-1] | 'abc'.upper() | [3, 1]|first | range(5)[2]
        range(5)[-1] | range(5)[9] | range(1, 9, 3)[1] | dict.items()[0] | dict.keys()[0] | dict[[1]] | dict[none] | dict.__class__
        name.__class__ | name.__class__() | dict.update | numbers.append | numbers.append(4) | dict.update({'z': 1}) | dict.pop('a')
        dict.setdefault('q', 1) | dict.clear() | dict.popitem() | numbers.sort() | numbers.reverse() | numbers.extend([1]) | numbers.insert(0, 1)
        numbers.remove(1) | numbers.append is defined | dict.update is defined | [1, 2, 3].pop() | [1, 2, 3].pop(0) | [].pop() | [1, 2].copy()
        [1, 2, 1].count(1) | [1, 2, 1].index(2) | [1].index(5) | (1, 2, 1).count(1) | (1, 2).index(2) | {'a': 1}.copy()
        dict.get('a') | dict.get('z') | dict.get('z', 5) | dict.get('z', default=5) | dict.get() | dict.get('c').d | dict.get([1])
        missing is defined and missing.x | dict['a', 'b'] | users[0].name | users.name | greek.missing | 'a'.b.c | (missing).x | 5()
        name() | none() | dict() | dict.a() | whole.is_integer() | pi.is_integer()""",
    "slices": r"""
        numbers[:] | numbers[1:] | numbers[:1] | numbers[:-1] | numbers[-2:] | numbers[::2] | numbers[::-1] | numbers[2:0:-1] | numbers[5:]
        numbers[-9:9] | numbers[1:1] | numbers[::0] | numbers[none:2] | numbers['a':] | numbers[1.0:] | numbers[true:] | name[1:] | name[:-1]
        name[::-1] | name[::2] | emoji[1:2] | emoji[::-1] | emoji[-2:] | greek[2:5] | greek[::-1] | greek[:0] | (1, 2, 3)[1:] | range(10)[2:5]
        range(10)[::-1] | range(10)[::3] | range(4)[2:1] | range(10)[8:2:-3] | range(10)[::3]|list | range(0, 20, 2)[3:]|list | messages[1:]|length | messages[:1] | dict[1:] | none_value[1:] | missing[1:] | empty[1:] | empty_list[1:]
        numbers[:one] | numbers[seven:] | text[2:7] | words[:9].split() | numbers[99999999999999999999:] | numbers[:-99999999999999999999] | 'abc'[2::-1]
        'abcdef'[-1:-4:-1] | 'abcdef'[4:1:-2] | 'abcdef'[1:99:3] | numbers[1:2, 0] | [1,2,3,4,5,6][1:-1:2] | [1,2,3][-1:0:-1] | [1,2,3][10:0:-1]""",
    "strings": r"""
        name.upper() | name.lower() | 'hello world'.title() | "they're bill's".title() | 'hELLO'.capitalize() | 'Ab'.swapcase() | 'ß'.upper() | 'ß'.title()
        'ǆ'.title() | 'İ'.lower() | 'ΑΣ'.lower() | 'ΑΣ Σ'.lower() | 'ﬁx'.capitalize() | 'straße'.casefold() | text.strip() | text.lstrip() | text.rstrip()
        'xxaxx'.strip('x') | 'xyaxy'.lstrip('yx') | 'abc'.rstrip('bc') | 'abc'.strip('') | 'abc'.strip(none) | 'αxα'.strip('α') | 'a b'.strip(1) | '\u00a0a\u3000'.strip()
        words.split() | words.split(' ') | words.split('q') | words.split(' ', 1) | words.split(maxsplit=1) | words.split(none, 2) | ' a  b '.split()
        ' a  b '.split(' ') | 'a,b,,c'.split(',') | ''.split() | ''.split(',') | 'abc'.split('') | 'a--b--c'.split('--', 1) | words.rsplit(' ', 1)
        words.rsplit() | ' a b  c '.rsplit(none, 1) | ' a b  c '.split(none, 1) | 'a--b--c'.rsplit('--', 1) | 'a.b.c'.rsplit('.') | 'aXbX'.split('X')
        text.splitlines() | text.splitlines(true) | 'a\r\nb\rc\n'.splitlines() | 'a\u2028b\x0bc'.splitlines() | ''.splitlines() | '\n'.splitlines()
        'abc'.startswith('ab') | 'abc'.startswith('b') | 'abc'.startswith('b', 1) | 'abc'.startswith(('x', 'a')) | 'abc'.startswith(()) | 'abc'.startswith(['a'])
        'abc'.startswith('') | 'abc'.startswith('', 5) | 'abc'.endswith('bc') | 'abc'.endswith(('x', 'c')) | 'abc'.endswith('b', 0, 2) | 'abc'.endswith(1) | 'abc'.startswith()
        'abcabc'.find('c') | 'abcabc'.find('x') | 'abcabc'.find('b', 2) | 'abcabc'.find('c', 0, 2) | 'abcabc'.rfind('b') | 'abcabc'.rfind('x') | 'αβγβ'.find('β')
        'αβγβ'.rfind('β') | 'abc'.index('b') | 'abc'.index('x') | 'abc'.rindex('c') | 'abcabc'.count('bc') | 'aaaa'.count('aa') | 'abc'.count('') | 'αα'.count('') | 'aaa'.count('a', 1)
        'abc'.find('') | 'abc'.find('', 3) | 'abc'.find('', 4) | 'abc'.find('c', -1) | 'abc'.replace('b', 'XX') | 'aaa'.replace('a', 'b', 2) | 'abc'.replace('', '-') | 'αβ'.replace('', '-')
        'abc'.replace('', '-', 2) | 'abc'.replace('x', 'y') | 'abc'.replace('b') | 'aaa'.replace('a', 'b', count=1) | 'abc'.replace(1, 2) | ','.join(['a', 'b']) | ''.join([]) | ','.join('abc')
        ','.join([1]) | ','.join(dict) | '-'.join(('x', 'y')) | 'a'.join(none_value) | 'abc'.isalpha() | 'ab1'.isalpha() | ''.isalpha() | 'é'.isalpha() | '12'.isdigit()
        '²'.isdigit() | '²'.isdecimal() | '½'.isnumeric() | '½'.isdigit() | '١٢'.isdecimal() | 'a1'.isalnum() | 'a 1'.isalnum() | ' \t'.isspace() | ''.isspace() | 'ab'.islower() | 'aB'.islower()
        '12'.islower() | 'AB'.isupper() | 'A1'.isupper() | 'Ab Cd'.istitle() | 'Ab cD'.istitle() | 'abc'.isascii() | 'é'.isascii() | ''.isascii() | 'a_1'.isidentifier() | '1a'.isidentifier() | 'a\n'.isprintable()
        ''.isprintable() | 'abc'.center(7) | 'abc'.center(8) | 'abcd'.center(7) | 'abc'.center(8, '*') | 'abc'.ljust(5) ~ '|' | 'abc'.rjust(5, '.') | '42'.zfill(5) | '-42'.zfill(5) | '+1'.zfill(4) | 'abc'.zfill(2)
        'a\tb'.expandtabs() | 'a\tb'.expandtabs(4) | 'abc'.removeprefix('a') | 'abc'.removeprefix('b') | 'abc'.removesuffix('c') | 'abc'.removesuffix('') | 'a=b=c'.partition('=') | 'abc'.partition('=')
        'a=b=c'.rpartition('=') | 'abc'.rpartition('=') | 'abc'.partition('') | 'abc'.nothing() | 'abc'.upper(1) | 'abc'.center() | 'abc'.center('x') | 'abc'.center(9, 'xy') | 'abc'.center(9, '😀')
        'x'.upper().lower().strip().replace('x', 'y') | 'a b c'.split()[1] | 'a b c'.split(' ')[-1] | messages[2].content.split('</think>')[-1].lstrip('\n')
        messages[2].content.split('</think>')[0].rstrip('\n').split('<think>')[-1].lstrip('\n') | '{}'.format(1)""",
    "format": r"""
        '%s and %s' % ('a', 'b') | '%s' % 'a' | '%d' % 5 | '%5d|' % 5 | '%-5d|' % 5 | '%05d' % -42 | '%+d' % 5 | '% d' % 5 | '%x' % 255 | '%X' % 255 | '%#x' % 255 | '%#o' % 8 | '%o' % 8 | '%e' % 12345.678
        '%.2f' % 3.14159 | '%.0f' % 2.5 | '%8.3f|' % 3.14159 | '%g' % 0.0001 | '%g' % 1e20 | '%.3g' % 1234.5 | '%G' % 1e-10 | '%s' % none | '%s' % [1, 2] | '%r' % 'a' | '%s %s' % 'a' | '%s' % ('a', 'b') | '%%' % ()
        '100%' % 1 | '%c' % 'x' | '%c' % 65 | '%5s|' % 'ab' | '%-5s|' % 'ab' | '%.2s' % 'abcdef' | '%(a)s %(b)d' % {'a': 1, 'b': 2} | '%(z)s' % {'a': 1} | '%d' % 'a' | '%d' % 3.99 | '%i' % true | '%s' % missing | '%d' % none | '%q' % 1
        '%*d|' % (5, 3) | '%.*f' % (2, 1.23456) | '%s' % dict | '%s' % (1,) | 'no' % () | 'no' % 1 | 'no' % {} | '%010.3f' % -3.14159 | '%x' % 1.5 | '%.3d' % 7
        '{} {}'.format(1, 2) | '{0} {1} {0}'.format('a', 'b') | '{a} {b}'.format(a=1, b=2) | '{} {a}'.format(1, a=2) | '{{}}'.format() | '{'.format() | '}'.format() | '{}'.format() | '{:>5}|'.format('a') | '{:<5}|'.format('a') | '{:^5}|'.format('a')
        '{:^6}|'.format('a') | '{:*^7}'.format('ab') | '{:05d}'.format(42) | '{:+d}'.format(5) | '{:,}'.format(1234567) | '{:_}'.format(1234567) | '{:.2f}'.format(3.14159) | '{:,.2f}'.format(1234.5) | '{:.1%}'.format(0.256) | '{:x}'.format(255) | '{:#x}'.format(255)
        '{:b}'.format(5) | '{:e}'.format(1234.5) | '{:g}'.format(0.00001) | '{:10.3f}|'.format(3.14159) | '{:s}'.format('x') | '{:d}'.format('x') | '{:d}'.format(1.5) | '{!r}'.format('a') | '{!s:>4}'.format(1) | '{:.2}'.format('abcdef') | '{:.3}'.format(3.14159)
        '{0.name}'.format(users[0]) | '{0[name]}'.format(users[0]) | '{0[1]}'.format(numbers) | '{x.a}'.format(x=dict) | '{:{}}'.format('a', 5) ~ '|' | '{0} {}'.format(1, 2) | '{:5}|'.format(1) | '{:5}|'.format('a') | '{:5}|'.format(true) | '{}'.format(none) | '{:5}'.format(none)
        '{}'.format([1, 'a']) | '{:=+6}'.format(42) | '{:c}'.format(65) | '{:G}'.format(1e-10) | '{:n}'.format(5) | '{:08.2f}'.format(-3.14159) | '{:é>4}'.format('x') | '{a}'.format_map({'a': 1}) | '{:%}'.format(0.5) | '{:.0f}'.format(0.5) | '{:.0f}'.format(1.5)
        'a%sb'|format('x') | '%s-%s'|format(1, 2) | '%(a)s'|format(a=1) | '%s'|format | '%d items'|format(3)""",
    "filters": r"""
        name|upper | name|lower | 'hELLO wORLD'|capitalize | "hello-world (again) [x] {y} it's"|title | 'ﬁ éa'|title | 5|upper | none|upper | missing|upper | text|trim | '  a '|trim ~ '|' | 'xax'|trim('x') | 'xax'|trim(chars='x') | 5|trim | none|trim
        'a b'|replace(' ', '_') | 'aaa'|replace('a', 'b', 2) | 'aaa'|replace('a', 'b', count=1) | 123|replace(2, 'x') | 'a'|replace('a') | html|escape | html|e | html|safe | (html|e)|e | html|e|safe | html|forceescape | (html|safe) ~ '<' | (html|safe) + '<' | '<' + (html|safe) | ('<'|e) + '&' | '&' ~ ('<'|e) | ('<'|safe) + 1 | ('<%s>'|safe) % '<' | ('%s%s'|safe) % ('<', '>'|safe) | ('%r %d'|safe) % ('<', 5) | ('{}{a}'|safe).format('<', a='>'|safe) | ('{:>3}'|safe).format('<') | ('{!r}'|safe).format('<') | (','|safe).join(['<', '>'|safe]) | ('ab'|safe).replace('a', '<') | ('%s'|safe)|format('<') | ['<'|safe, '>']|join | ('<'|safe) * 2 | ('ab'|safe)|list | ('ab'|safe)[0] is escaped | '' % missing | '' % range(3) | '' % pi | '<' in ('<b>'|safe) | ('<a b'|safe).split() | ('<'|safe).center(3)
        ('<'|e)|upper | ('<'|e).replace('&', '+') | ('a'|e) == 'a' | [html|safe] | {'a': 'x'|safe} | ('<'|e)|length | html|e is escaped | html is escaped | 5|string | none|string | pi|string ~ 1 | [1, 'a']|string | missing|string ~ 'x' | name|length | greek|length | emoji|length | numbers|count | dict|length | missing|length | none|length | 5|length | range(5)|length | dict.items()|length | (numbers|map('string'))|length
        numbers|join | numbers|join(', ') | numbers|join(1) | strings|join('-') | 'abc'|join('.') | dict|join(',') | users|join(', ', attribute='name') | users|join(', ', 'age') | mixed|join('|') | missing|join | none|join | 5|join | [missing, 1]|join(',') | numbers|first | numbers|last | empty_list|first | empty_list|last | 'abc'|first | 'abc'|last | dict|first | dict|last | missing|first | none|first | 5|first | missing|last | (numbers|map('abs'))|last | dict.values()|first | dict.items()|last | range(3)|last
        'abc'|list | dict|list | dict.items()|list | range(3)|list | none|list | missing|list | 5|list | (1, 2)|list | numbers|reverse|list | 'abc'|reverse | numbers|reverse|first | dict|reverse|list | missing|reverse|list | 5|reverse | numbers|map('string')|reverse | numbers|sum | numbers|sum(start=10) | users|sum(attribute='age') | users|sum('age', 1) | [0.1, 0.2]|sum | ['a']|sum | ['a']|sum(start='') | [[1], [2]]|sum(start=[]) | []|sum | missing|sum | none|sum | [missing]|sum
        missing|default('d') | missing|default | missing|d(5) | none|default('d') | none|default('d', true) | ''|default('d', boolean=true) | 0|default(1) | dict.x|default('y') | dict.x.y|default('z') | missing|default(missing2) ~ 'x' | name|default('d') | missing.x|default('d') | (1 if no)|default('e')
        numbers|sort | numbers|sort(reverse=true) | strings|sort | strings|sort(case_sensitive=true) | strings|sort(true) | users|sort(attribute='age')|map(attribute='name')|list | users|sort(attribute='city')|map(attribute='name')|list | users|sort(attribute='city,name')|map(attribute='name')|list | users|sort(attribute='admin') | mixed|sort | [3, 1.5, true]|sort | 'bca'|sort | dict|sort | dict.items()|sort | none|sort | missing|sort | [[2, 1], [1, 2]]|sort | [(1, 'b'), (1, 'a')]|sort | users|sort(attribute='age', reverse=true)|map(attribute='age')|list
        dict|dictsort | {'b': 1, 'A': 2}|dictsort | {'b': 1, 'A': 2}|dictsort(true) | {'b': 1, 'A': 2}|dictsort(by='value') | {'b': 1, 'a': 2}|dictsort(reverse=true) | {'b': 1}|dictsort(by='x') | numbers|dictsort | {'b': [2], 'a': {}}|dictsort | dict|items|list | missing|items|list | none|items|list | numbers|items|list | [1, 1.0, true, 2, 'a', 'A']|unique|list | strings|unique(case_sensitive=true)|list | users|unique(attribute='city')|map(attribute='name')|list | [[1]]|unique|list
        numbers|min | numbers|max | strings|min | strings|max | strings|min(case_sensitive=true) | users|max(attribute='age') | empty_list|min | empty_list|max | [1, 'a']|min | 'hello'|max | [none, 1]|min | users|min(attribute='zip') | numbers|abs | -5|abs | -2.5|abs | true|abs | 'a'|abs | none|abs | -5|abs + 1
        '42'|int | '42.7'|int | 'x'|int | 'x'|int(5) | 'x'|int(default=7) | '0x1F'|int(base=16) | '1F'|int(0, 16) | '0b11'|int(base=0) | ' 12 '|int | '1_000'|int | 3.99|int | -3.99|int | none|int | true|int | []|int | missing|int | '١٢'|int | '-7'|int | '1e3'|int | 'inf'|int | 'nan'|int | ''|int | '--1'|int | '3.5'|float | 'x'|float | 'x'|float(1.5) | '1e3'|float | 'inf'|float | '-Infinity'|float | ' 2 '|float | '1_0.5'|float | none|float | 5|float | missing|float | 'nan'|float | '.5'|float | '5.'|float | '1e400'|float | '0x10'|float | '+1'|float | '+-1'|float
        2.5|round | 3.5|round | 2.675|round(2) | 42.55|round | 42.55|round(1, 'floor') | 42.51|round(1, 'ceil') | 42|round | 42|round(1) | 1234|round(-2) | 1250|round(-2) | 1350|round(-2) | -1250|round(-2) | 1234.5|round(-2) | 42.5|round(0, 'floor') | 42.1|round(method='ceil') | 42.1|round(method='x') | 'a'|round | 1e300|round(2) | 0.5|round | -0.5|round | 2.5|round|int | 5|round(method='ceil') | missing|round
        [1, 2, 3, 4, 5]|batch(2)|list | [1, 2, 3, 4, 5]|batch(2, 0)|list | []|batch(2)|list | [1, 2, 3]|batch(0)|list | [1, 2, 3, 4, 5]|slice(2)|list | [1, 2, 3, 4, 5]|slice(3, 'x')|list | [1]|slice(3)|list | [1]|slice(0)|list | 'abc'|batch(2)|list | [1, 2, 3]|batch(linecount=2, fill_with='z')|list
        users|groupby('city')|list | users|groupby('city', case_sensitive=true)|map(attribute='grouper')|list | users|groupby('city')|map('first')|list | (users|groupby('city'))[0].grouper | (users|groupby('city'))[0].list|length | users|groupby('admin', default=false)|map('first')|list | []|groupby('x') | users|groupby(attribute='age')|length
        'a\nb\n\nc'|indent | 'a\nb'|indent(2) | 'a\nb'|indent(2, true) | 'a\n\nb'|indent(2, blank=true) | 'a\nb'|indent('>> ') | 'a\nb\n'|indent | ''|indent | ''|indent(first=true) | 'a\nb'|indent(width=1, first=true) | 5|indent | none|indent | 'a\r\nb'|indent(1) | '\n'|indent(2, true, true)
        'foo bar'|center(11) ~ '|' | 'x'|center|length | 'hello world foo'|truncate(11) | 'hello world foo'|truncate(8, leeway=0) | 'hello world foo'|truncate(8, true, leeway=0) | 'hello world foo'|truncate(8, end='…', leeway=0) | 'hello'|truncate(2) | 'αβγδεζηθικλμ'|truncate(5, true, '.', 0) | words|wordcount | 'a-b c_d é'|wordcount | '<p>a <b>b</b></p>  c &amp; d'|striptags | 'a b/c?é'|urlencode | {'a b': 'c/d', 'e': 1}|urlencode | [('a', 1)]|urlencode | 5|urlencode
        1000|filesizeformat | 1|filesizeformat | 0|filesizeformat | 999|filesizeformat | 1024|filesizeformat(true) | 1500000|filesizeformat | 1e30|filesizeformat | dict|attr('items') is callable | dict|attr('a') | name|attr('upper') is callable | users[0]|attr('name') ~ 'x' | name|nofilter | 5|nofilter if no else 1 | 5|nofilter if yes else 1 | numbers|join(nothing=1) | numbers|first(1) | name|upper(1)""",
    "map_select": r"""
        strings|map('upper')|list | strings|map('upper')|join | users|map(attribute='name')|list | users|map(attribute='zip')|list | users|map(attribute='zip', default='?')|list | users|map(attribute='admin', default=none)|list | users|map('attr', 'name')|list | tree|map(attribute='kids.0.v')|list | tree|map(attribute='kids.0.v', default=0)|list | [[1, 2], [3]]|map(attribute=0)|list | [[1, 2], [3]]|map('first')|list | [[1, 2], [3]]|map('join', '-')|list
        ['1', 'x']|map('int', 9)|list | ['1', 'x']|map('int', default=8)|list | strings|map('replace', 'a', 'z')|list | strings|map|list | strings|map('nofilter')|list | strings|map('nofilter') is iterable | missing|map('upper')|list | none|map('upper')|list | 5|map('upper')|list | 0|map('upper')|list | dict|map('upper')|list | 'abc'|map('upper')|list | numbers|map(attribute='x', foo=1)|list | numbers|map('string')|map('length')|list
        numbers|select('odd')|list | numbers|reject('odd')|list | [0, 1, '', 'a', none]|select|list | [0, 1, '', 'a', none]|reject|list | numbers|select('gt', 1)|list | numbers|select('>', 1)|list | numbers|select('divisibleby', 3)|list | numbers|select('in', [1, 2])|list | strings|select('equalto', 'a')|list | strings|select('==', 'a')|list | mixed|select('string')|list | mixed|select('number')|list | mixed|reject('none')|list | mixed|select('mapping')|list | numbers|select('nothing')|list | none|select|list | 5|select|list
        users|selectattr('admin')|map(attribute='name')|list | users|rejectattr('admin')|map(attribute='name')|list | users|selectattr('city', 'equalto', 'Paris')|map(attribute='name')|list | users|selectattr('age', 'gt', 26)|map(attribute='name')|list | users|selectattr('admin', 'defined')|map(attribute='name')|list | users|rejectattr('admin', 'defined')|map(attribute='name')|list | users|selectattr('admin', 'undefined')|map(attribute='name')|list | users|selectattr|list | messages|selectattr('role', 'equalto', 'user')|list|length | messages|selectattr('role', 'in', ['user', 'system'])|map(attribute='role')|join(',') | messages|selectattr('content', 'string')|list|length | messages|selectattr('role', '==', 'user')|first
        messages|rejectattr('role', 'eq', 'system')|list|length | (messages|selectattr('role', 'equalto', 'nobody')) and 'truthy' | messages|selectattr('role', 'equalto', 'nobody')|first is defined | messages|map(attribute='role')|list|last | messages|map(attribute='content')|select('string')|map('length')|sum | tree|selectattr('kids')|map(attribute='v')|list | users|map(attribute='name')|map('lower')|sort|join(' ') | numbers|map('float')|list | [1, 2]|map('string') is iterable | [1]|map('string') is sequence | [1]|map('string')|first""",
    "tests": r"""
        name is defined | missing is defined | missing is undefined | name is undefined | missing is not defined | dict.x is defined | dict.a is defined | dict.c.x is defined | none_value is defined | none is none | none_value is none | missing is none | 1 is none | name is not none | name is string | 1 is string | html|safe is string | missing is string | dict is mapping | numbers is mapping | numbers is iterable | name is iterable | dict is iterable | none is iterable | 5 is iterable | missing is iterable
        numbers is sequence | name is sequence | dict is sequence | (1, 2) is sequence | none is sequence | 5 is sequence | missing is sequence | range(3) is sequence | dict.items() is sequence | 1 is number | 1.5 is number | true is number | '1' is number | none is number | 1 is integer | true is integer | 1.0 is integer | '1' is integer | 1.0 is float | 1 is float | true is boolean | 1 is boolean | none is boolean | true is true | 1 is true | false is false | 0 is false | yes is true | no is false
        1 is odd | 2 is odd | 2 is even | 0 is even | -1 is odd | 1.0 is odd | 'a' is odd | none is even | 10 is divisibleby 5 | 10 is divisibleby(3) | 10 is divisibleby 0 | 10 is divisibleby | 'a' is lower | 'A' is lower | '1' is lower | 'aB' is upper | 'AB' is upper | 1 is upper | range is callable | name is callable | missing is callable | name.upper is callable | namespace is callable | 1 is sameas 1 | 1 is sameas true | true is sameas true | none is sameas none | name is sameas name | dict is sameas dict | dict is sameas {} | 1.0 is sameas 1
        1 is equalto 1 | 1 is eq 1 | 1 is == 1 | 1 is ne 2 | 1 is lt 2 | 1 is le 1 | 2 is gt 1 | 2 is ge 3 | 1 is lessthan 2 | 2 is greaterthan 1 | 'a' is in 'abc' | 1 is in [1] | 1 is not in [2] | 1 is in(numbers) | 'a' is eq 'b' | 'upper' is filter | 'nothing' is filter | 'odd' is test | 'nothing' is test | 1 is nothing | 1 is nothing if no else 2 | 1 is nothing if yes else 2 | 1 is not odd | not 1 is odd | 1 is odd and 2 is even | 1 is odd or 1 / 0 | 1 is defined is defined | 3 is divisibleby 2 or true | name is defined and name | [1] is eq [1] | 1 is equalto 1.0 | dict.a is eq 1 and dict.b is eq 2 | numbers|length is gt 2 | 5 is gt 3 + 1""",
    "tojson": r"""
        dict|tojson | numbers|tojson | mixed|tojson | name|tojson | html|tojson | greek|tojson | greek|tojson(ensure_ascii=true) | emoji|tojson(ensure_ascii=true) | none|tojson | true|tojson | 1|tojson | 1.0|tojson | 0.1|tojson | 1e100|tojson | tiny|tojson | huge|tojson | (1, 2)|tojson | []|tojson | {}|tojson | [[]]|tojson | [{}]|tojson(indent=2) | dict|tojson(indent=2) | dict|tojson(indent=4) | dict|tojson(indent=0) | dict|tojson(indent=-1) | dict|tojson(indent='\t') | numbers|tojson(indent=none) | dict|tojson(indent=true) | dict|tojson(indent=1.5) | dict|tojson(indent=2, separators=(',', ': ')) | dict|tojson(separators=(',', ':'))
        dict|tojson(separators=[', ', '=']) | dict|tojson(separators=(',',)) | dict|tojson(sort_keys=true) | dict|tojson(indent=2, sort_keys=true) | {1: 2, none: 3, true: 4, 1.5: 5}|tojson | {(1, 2): 3}|tojson | {'b': 1, 1: 2}|tojson(sort_keys=true) | missing|tojson | [missing]|tojson | dict.items()|tojson | dict.items()|list|tojson | dict.keys()|list|tojson | range(3)|tojson | numbers|map('string')|tojson | numbers|map('string')|list|tojson | '\x00\x1f\x7f\x08\x0c\n\r\t"\\/'|tojson | '\x7f\u2028'|tojson(true) | tools|tojson | tools[0].function|tojson(indent=4) | tools|tojson(indent=2)|length | long_integer|tojson | 'inf'|float|tojson | 'nan'|float|tojson | -('inf'|float)|tojson | (html|safe)|tojson | namespace(a=1)|tojson | name.upper|tojson | -0.0|tojson | 1e16|tojson | 123456789012345680.0|tojson | users|tojson | tools_none|tojson | {'a': 'é'}|tojson|length | ('a'|tojson) ~ 'b' | dict|tojson(2) | dict|tojson(nothing=1)""",
    "print": r"""
        none | true | 1.0 | 1e100 | 1e-10 | 123456789012345678 | [1, 'a', none, true, 1.5] | ['it\'s', "q\"", 'both\'"', 'back\\'] | ['\n\t\r', '\x00\x1b', 'é😀', '\u200b\u2028', '\xa0'] | {'a': 'b', 1: [2, (3,)]} | (1, 'a') | () | [missing] | {'a': missing} | range(5) | range(1, 5) | range(0, 10, 2) | range(5, 0, -1) | namespace(a=1) | namespace(a='x', b=[1]) | dict.keys() | dict.values() | dict.items() | [dict.keys()] | [[[[]]]] | [1e16, 1e15, -0.0, 0.1] | ['a'|safe] | ['inf'|float, 'nan'|float] | {'k': range(2)} | mixed | dict | users""",
    "globals": r"""
        range(3)|list | range(1, 4)|list | range(5, 0, -2)|list | range(0)|list | range(3, 1)|list | range('a') | range(1.5) | range() | range(1, 2, 0) | range(1, 2, 3, 4) | range(200000) | range(true)|list | range(stop=3) | dict(a=1, b=2) | dict({'a': 1}) | dict([('a', 1), ('b', 2)]) | dict({'a': 1}, b=2) | dict({'a': 1}, **{'c': 3}) | dict(5) | dict(missing) | namespace(missing) | dict(empty_list) | dict(empty) | dict([1]) | dict(a=1, **{'a': 2}) | namespace().x | namespace(x=1).x | namespace({'x': 2}).x | namespace(x=1)['x'] | namespace(x=1)['y'] | namespace(x=1).y is defined | joiner()() | cycler('a', 'b').next() | cycler() | raise_exception('no!') | raise_exception() | raise_exception(1) | nothing()
        strftime_now('%Y-%m-%d') | strftime_now('%d %b %Y') | strftime_now('%B %d, %Y') | strftime_now('%A %H:%M:%S %p %I') | strftime_now('%j %U %W %w %u %y %%') | strftime_now('%e|%-d|%-m') | strftime_now('%a %F %T %D %R') | strftime_now('%V %G %C') | strftime_now('plain') | strftime_now('') | strftime_now() | strftime_now(1) | strftime_now('%f') | strftime_now('%h %n %t') | range is defined | raise_exception is defined | strftime_now is defined | nothing is defined | lipsum is defined or true | loop is defined | self is defined or true | caller is defined""",
    "calls": r"""
        'a'.replace(*['a', 'b']) | 'abc'.replace(*('a',), *('b',)) | dict(**{'x': 1}) | dict(**dict) | dict(*[{'a': 1}]) | range(*[1, 4])|list | range(*numbers) | dict(**5) | range(*5) | 'x'.join(*[['a', 'b']]) | 'a'.upper(**{}) | (range)(2)|list | [range][0](2)|list | {'f': range}.f(2)|list | 'a,b'.split(',')|length | 'a,b'.split(sep=',') | 'a b'.split(maxsplit=0) | dict(a=1, a=2) | range(1, **{}) | 'abc'.upper()[0] | 'abc'|upper|lower | ('a' ~ 'b')|upper | 'a' ~ 'b'|upper | -1|abs | (-1)|abs | 1 + 2|abs | not true|string | 'a'|upper == 'A' | [1,2]|length + 1 | 'x' in 'xy'|upper | 5|default(1)|string ~ 'a' | {'a': 1}|length | (1, 2)|length | 'a' 'b'|upper | numbers|join(',')|replace(',', ';') | (numbers|sort)[0] | numbers|sort|first | numbers|list|length if numbers else 0""",
}

# Whole templates.
TEMPLATES = {
    "for": [
        "{% for x in numbers %}{{ x }},{% endfor %}",
        "{% for x in empty_list %}{{ x }}{% else %}none{% endfor %}",
        "{% for x in missing %}{{ x }}{% else %}none{% endfor %}",
        "{% for x in none_value %}{{ x }}{% endfor %}",
        "{% for x in 5 %}{{ x }}{% endfor %}",
        "{% for x in 'héy' %}[{{ x }}]{% endfor %}",
        "{% for k in dict %}{{ k }};{% endfor %}",
        "{% for k, v in dict.items() %}{{ k }}={{ v }};{% endfor %}",
        "{% for k, v in dict|dictsort %}{{ k }}={{ v }};{% endfor %}",
        "{% for k, v in dict|items %}{{ k }}={{ v }};{% endfor %}",
        "{% for a, b in [(1, 2), [3, 4], 'xy'] %}{{ a }}-{{ b }};{% endfor %}",
        "{% for a, b in [(1, 2, 3)] %}{{ a }}{% endfor %}",
        "{% for a, b in [(1,)] %}{{ a }}{% endfor %}",
        "{% for a, b in [1] %}{{ a }}{% endfor %}",
        "{% for a, (b, c) in [(1, (2, 3))] %}{{ a }}{{ b }}{{ c }}{% endfor %}",
        "{% for (a, b) in [(1, 2)] %}{{ a }}{{ b }}{% endfor %}",
        "{% for x in 1, 2, 3 %}{{ x }}{% endfor %}",
        "{% for x in numbers if x > 1 %}{{ x }}{% endfor %}",
        "{% for x in numbers if x > 5 %}{{ x }}{% else %}none{% endfor %}",
        "{% for x in numbers if x is odd %}{{ loop.index }}/{{ loop.length }}:{{ x }} {% endfor %}",
        "{% for x in numbers if loop is defined %}{{ x }}{% endfor %}",
        "{% for u in users if u.admin %}{{ u.name }}{% if not loop.last %}, {% endif %}{% endfor %}",
        "{% for k, v in dict.items() if v is number %}{{ k }}{% endfor %}",
        "{% for x in numbers %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }};{% endfor %}",
        "{% for x in numbers %}{{ loop.previtem }}<{{ x }}<{{ loop.nextitem }} {% endfor %}",
        "{% for x in numbers %}{{ loop.previtem is defined }}{{ loop.nextitem is defined }}{% endfor %}",
        "{% for x in numbers %}{{ loop.cycle('a', 'b') }}{% endfor %}",
        "{% for x in numbers %}{{ loop.cycle() }}{% endfor %}",
        "{% for x in [1, 1, 2, 2, 1] %}{{ loop.changed(x) }} {% endfor %}",
        "{% for x in [1, 1, 2] %}{{ loop.changed(x, 1) }} {% endfor %}",
        "{% for x in numbers|map('string') %}{{ loop.index }}/{{ loop.length }}{{ loop.last }} {% endfor %}",
        "{% for x in numbers|map('string') %}{{ loop.last }} {% endfor %}",
        "{% for x in range(3) %}{{ loop.depth }}{{ loop.depth0 }}{% for y in range(2) %}{{ loop.depth }}{% endfor %}{% endfor %}",
        "{% for x in range(2) %}{% set outer = loop %}{% for y in range(2) %}{{ outer.index }}.{{ loop.index }} {% endfor %}{% endfor %}",
        "{% for x in numbers %}{{ loop }}{% endfor %}",
        "{% for x in numbers %}{{ loop.nothing }}|{{ loop['index'] }}{% endfor %}",
        "{% for x in numbers %}{{ loop.nothing.x }}{% endfor %}",
        "{% for x in numbers %}{% endfor %}{{ x }}",
        "{% set x = 9 %}{% for x in numbers %}{{ x }}{% endfor %}{{ x }}",
        "{% for x in numbers %}{% for x in 'ab' %}{{ x }}{% endfor %}{{ x }}{% endfor %}",
        "{{ loop }}|{{ loop is defined }}",
        "{% for x in range(2) %}{% if loop.first %}{% continue %}{% endif %}{{ x }}{% endfor %}",
        "{% for x in range(9) %}{% if x == 3 %}{% break %}{% endif %}{{ x }}{% endfor %}",
        "{% for x in range(3) %}{% break %}{% else %}else{% endfor %}",
        "{% for x in range(3) %}{% continue %}{% else %}else{% endfor %}",
        "{% for x in range(3) %}{% if x == 1 %}{% break %}{% endif %}{{ x }}{% else %}else{% endfor %}",
        "{% for x in range(3) %}{% for y in range(3) %}{% if y == 1 %}{% break %}{% endif %}{{ x }}{{ y }} {% endfor %}{% endfor %}",
        "{% break %}",
        "{% continue %}",
        "{% for n in tree recursive %}{{ n.v }}{% if n.kids %}({{ loop(n.kids) }}){% endif %}{% endfor %}",
        "{% for n in tree recursive %}{{ loop.depth }}{{ loop.depth0 }}:{{ n.v }} {{ loop(n.kids) }}{% endfor %}",
        "{% for n in tree recursive %}{{ n.v }}{{ loop(n.kids) }}{% else %}-{% endfor %}",
        "{% for n in tree if n.v != 3 recursive %}{{ n.v }}{{ loop(n.kids) }}{% endfor %}",
        "{% for n in tree recursive %}{% set here = n.v %}{{ loop(n.kids) }}{{ here }}{% endfor %}",
        "{% for n in tree %}{{ loop(n.kids) }}{% endfor %}",
        "{% for x in numbers %}{% if loop.last %}{% set y = x %}{% endif %}{% endfor %}{{ y }}",
        "{% for loop in numbers %}{{ loop }}{% endfor %}",
        "{% for x in numbers %}{% set loop = 1 %}{% endfor %}",
        "{% set loop = 5 %}{{ loop }}",
        "{% for x in numbers %}{{ x }}{% endfor",
        "{% for x in numbers %}",
        "{% for x numbers %}{% endfor %}",
        "{% for in numbers %}{% endfor %}",
        "{% for x in %}{% endfor %}",
        "{% for 1 in numbers %}{% endfor %}",
        "{% for x.y in numbers %}{% endfor %}",
        "{% for x in numbers: %}{{ x }}{% endfor %}",
        "{% for x in numbers %}{{ x }}{% endif %}",
        "{% endfor %}",
        "{% for x in numbers if x else y %}{% endfor %}",
        "{% for x in (numbers if yes else strings) %}{{ x }}{% endfor %}",
        "{% for x in numbers if yes else strings %}{{ x }}{% endfor %}",
        "{% for i in range(3) %}{% for j in range(i) %}{{ loop.index }}{% endfor %};{% endfor %}",
        "{% for m in messages %}{% if m.role == 'user' and loop.index0 % 2 == 1 %}[{{ m.content }}]{% endif %}{% endfor %}",
        "{% for m in messages[::-1] %}{{ m.role }} {% endfor %}",
        "{% for x in [] %}{% else %}{% set z = 1 %}{{ z }}{% endfor %}{{ z }}",
    ],
    "if": [
        "{% if yes %}a{% endif %}",
        "{% if no %}a{% else %}b{% endif %}",
        "{% if no %}a{% elif yes %}b{% else %}c{% endif %}",
        "{% if no %}a{% elif no %}b{% elif one %}c{% else %}d{% endif %}",
        "{% if missing %}a{% else %}b{% endif %}",
        "{% if missing.x %}a{% endif %}",
        "{% if not missing %}a{% endif %}",
        "{% if yes: %}a{% endif %}",
        "{% if 1, %}tuple{% endif %}",
        "{% if () %}a{% else %}empty{% endif %}",
        "{% if %}a{% endif %}",
        "{% if yes %}a{% else %}b{% else %}c{% endif %}",
        "{% if yes %}a",
        "{% elif yes %}",
        "{% if yes %}{% if no %}a{% else %}b{% endif %}c{% endif %}",
        "{% if no %}{{ 1|nothing }}{% endif %}ok",
        "{% if yes %}{{ 1|nothing }}{% endif %}ok",
        "{{ 1|nothing }}",
        "{% if no %}{{ 1 is nothing }}{% endif %}ok",
        "{% if no %}{{ 1 / 0 }}{% endif %}ok",
        "{% if no %}{{ x.y.z }}{{ raise_exception('a') }}{% endif %}ok",
        "{% if messages|length > 3 and messages[0].role == 'system' %}yes{% endif %}",
        "{% if 'a' if yes else '' %}x{% endif %}",
    ],
    "set": [
        "{% set x = 1 %}{{ x }}",
        "{% set x, y = 1, 2 %}{{ x }}{{ y }}",
        "{% set (x, y) = [1, 2] %}{{ x }}{{ y }}",
        "{% set x, y = 1 %}{{ x }}",
        "{% set x = 1, 2 %}{{ x }}",
        "{% set x = [1] %}{% set y = x %}{{ y }}",
        "{% set x %}hello {{ name }}{% endset %}{{ x|upper }}",
        "{% set x | upper %}hello{% endset %}{{ x }}",
        "{% set x | replace('l', 'L') | trim %} hello {% endset %}[{{ x }}]",
        "{{ name }}{{ seven }}{% set x | replace(name, seven) %}Ada{% endset %}{{ x }}",
        "{% set x %}{% set y = 2 %}{{ y }}{% endset %}{{ x }}{{ y }}",
        "{% set ns = namespace(a=1) %}{% set ns.a = 2 %}{{ ns.a }}",
        "{% set ns = namespace() %}{% set ns.a = [1] %}{% set ns.b %}block{% endset %}{{ ns.a }}{{ ns.b }}",
        "{% set ns = namespace(n=0) %}{% for x in numbers %}{% set ns.n = ns.n + x %}{% endfor %}{{ ns.n }}",
        "{% set ns = namespace(found=false) %}{% for x in numbers %}{% if x == 1 %}{% set ns.found = true %}{% endif %}{% endfor %}{{ ns.found }}",
        "{% set dict.a = 5 %}",
        "{% set name.x = 5 %}",
        "{% set missing.x = 5 %}",
        "{% set x.y.z = 5 %}",
        "{% set 1 = 2 %}",
        "{% set x[0] = 2 %}",
        "{% set true = 2 %}",
        "{% set x %}",
        "{% set x = %}",
        "{% set = 1 %}",
        "{% set x = x %}{{ x is defined }}",
        "{% set name = name ~ '!' %}{{ name }}",
        "{% set name = 'Bob' %}{{ name }}",
        "{% if yes %}{% set x = 1 %}{% endif %}{{ x }}",
        "{% if no %}{% set x = 1 %}{% endif %}{{ x is defined }}",
        "{% if no %}{% set name = 1 %}{% endif %}{{ name }}",
        "{% if no %}{% set name = 1 %}{% else %}{% set name = 2 %}{% endif %}{{ name }}",
        "{% if no %}{% set name = 1 %}{% elif no %}{% set name = 2 %}{% endif %}{{ name }}",
        "{% if not name is defined %}{% set name = 1 %}{% endif %}{{ name }}",
        "{% if not foo is defined %}{% set foo = 1 %}{% endif %}{{ foo }}",
        "{% set x = 1 %}{% for i in range(2) %}{% set x = x + 1 %}{{ x }}{% endfor %}{{ x }}",
        "{% for i in range(3) %}{% if i == 1 %}{% set name = 'changed' %}{% endif %}{{ name }} {% endfor %}",
        "{% for i in range(3) %}{{ x }}{% set x = i %}{{ x }} {% endfor %}",
        "{% for i in range(2) %}{{ name }}{% set name = i %}{{ name }} {% endfor %}{{ name }}",
        "{% for i in range(2) %}{% set name = i %}{{ name }} {% endfor %}{{ name }}",
        "{% for i in range(1) %}{{ name }}{% endfor %}{% set name = 'late' %}{{ name }}",
        "{{ name }}{% set name = 'late' %}{{ name }}",
        "{% set x = 1 %}{% if yes %}{% for i in [1] %}{% set x = 5 %}{% endfor %}{% endif %}{{ x }}",
        "{% set x = 'o' %}{% for i in range(2) %}{% for j in range(2) %}{% set x = x ~ j %}{{ x }} {% endfor %}{{ x }};{% endfor %}{{ x }}",
        "{% set ns = namespace(items=[]) %}{% for x in numbers %}{% set ns.items = ns.items + [x * 2] %}{% endfor %}{{ ns.items }}",
        "{% set ns = namespace(text='') %}{% for m in messages if m.role == 'user' %}{% set ns.text = ns.text ~ loop.index %}{% endfor %}{{ ns.text }}",
        "{% set ns = namespace(a=namespace(b=1)) %}{{ ns.a.b }}",
        "{% set _ = numbers.append(1) %}{{ numbers }}",
        "{% set l = [1, 2, 3] %}{{ l.pop() }}{{ l }}",
        "{% set x = 1 %}{% set y = x + 1 %}{% set x = 5 %}{{ x }}{{ y }}",
    ],
    "macro": [
        "{% macro m() %}hi{% endmacro %}{{ m() }}{{ m() }}",
        "{% macro m(a, b='x') %}{{ a }}{{ b }}{% endmacro %}{{ m(1) }}{{ m(1, 2) }}{{ m(b=3, a=4) }}{{ m(a=5) }}",
        "{% macro m(a) %}[{{ a }}]{% endmacro %}{{ m() }}",
        "{% macro m(a) %}{{ a is defined }}{% endmacro %}{{ m() }}",
        "{% macro m(a) %}{{ a.x }}{% endmacro %}{{ m() }}",
        "{% macro m(a, b=a) %}{{ a }}{{ b }}{% endmacro %}{{ m(1) }}",
        "{% macro m(a=b, b=2) %}{{ a }}{{ b }}{% endmacro %}{{ m() }}",
        "{% macro m(a, b=name) %}{{ b }}{% endmacro %}{{ m(1) }}",
        "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, 2) }}",
        "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(b=2) }}",
        "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, a=2) }}",
        "{% macro m() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, x=3) }}",
        "{% macro m(a) %}{{ a }}{{ varargs }}{% endmacro %}{{ m(1, 2, 3) }}",
        "{% macro m(a) %}{{ a }}{{ kwargs.x }}{% endmacro %}{{ m(1, x=3) }}",
        "{% macro m() %}{{ name }}{% endmacro %}{{ m() }}",
        "{% macro m() %}{{ x }}{% endmacro %}{% set x = 1 %}{{ m() }}",
        "{% macro m() %}{{ x }}{% endmacro %}{% set x = 1 %}{{ m() }}{% set x = 2 %}{{ m() }}",
        "{% macro m() %}{% set x = 5 %}{{ x }}{% endmacro %}{% set x = 1 %}{{ m() }}{{ x }}",
        "{% macro m() %}{% set name = 5 %}{{ name }}{% endmacro %}{{ m() }}{{ name }}",
        "{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}B{% endmacro %}{{ a() }}",
        "{% macro fact(n) %}{% if n <= 1 %}1{% else %}{{ n * fact(n - 1)|int }}{% endif %}{% endmacro %}{{ fact(10) }}",
        "{% macro walk(n) %}{{ n.v }}{% for k in n.kids %}({{ walk(k) }}){% endfor %}{% endmacro %}{% for t in tree %}{{ walk(t) }}{% endfor %}",
        "{% macro m(x) %}{{ x }}{% endmacro %}{{ m }}",
        "{% macro m(x, y=1) %}{{ varargs }}{% endmacro %}{{ m.name }}{{ m.arguments }}{{ m.catch_kwargs }}{{ m.catch_varargs }}{{ m.caller }}",
        "{% macro m() %}x{% endmacro %}{{ m()|upper }}{{ m() ~ 'y' }}{{ m() is string }}",
        "{% for i in range(2) %}{% macro m() %}{{ i }}{% endmacro %}{{ m() }}{% endfor %}",
        "{% for i in range(2) %}{% macro m(x) %}{{ i }}{{ x }}{% endmacro %}{{ m(i * 10) }}{% endfor %}{{ m is defined }}",
        "{% if yes %}{% macro m() %}in if{% endmacro %}{% endif %}{{ m() }}",
        "{% macro m() %}{{ loop is defined }}{% endmacro %}{% for i in [1] %}{{ m() }}{% endfor %}",
        "{% macro m(x) %}{% for i in range(x) %}{{ i }}{% endfor %}{% endmacro %}{{ m(3) }}|{{ m(2) }}",
        "{% macro m(x) -%}   {{ x }}   {%- endmacro %}[{{ m(1) }}]",
        "{% macro m() %}{{ caller() }}{% endmacro %}{{ m() }}",
        "{% macro m() %}{{ caller is defined }}{% endmacro %}{{ m() }}",
        "{% macro m() %}<{{ caller() }}>{% endmacro %}{% call m() %}body {{ name }}{% endcall %}",
        "{% macro m(x) %}{{ caller(x) }}{{ caller(x + 1) }}{% endmacro %}{% call(y) m(5) %}[{{ y }}]{% endcall %}",
        "{% macro m() %}{{ caller(1, 2) }}{% endmacro %}{% call(a, b, c=3) m() %}{{ a }}{{ b }}{{ c }}{% endcall %}",
        "{% macro m() %}no caller{% endmacro %}{% call m() %}x{% endcall %}",
        "{% macro m() %}{{ caller() }}{{ caller() }}{% endmacro %}{% for i in range(2) %}{% call m() %}{{ i }}{{ loop.index }}{% endcall %}{% endfor %}",
        "{% call name %}x{% endcall %}",
        "{% call missing() %}x{% endcall %}",
        "{% macro m(caller) %}{{ caller }}{% endmacro %}{{ m(1) }}",
        "{% macro m(caller=none) %}{{ caller is none }}{% endmacro %}{{ m() }}",
        "{% macro m(a, a) %}{% endmacro %}",
        "{% macro m(a=1, b) %}{% endmacro %}",
        "{% macro m %}{% endmacro %}",
        "{% macro m( %}{% endmacro %}",
        "{% macro m() %}",
        "{% macro 1() %}{% endmacro %}",
        "{% macro outer() %}{% macro inner() %}in{% endmacro %}{{ inner() }}{% endmacro %}{{ outer() }}{{ inner is defined }}",
        "{% macro outer(x) %}{% set y = x * 2 %}{% macro inner() %}{{ y }}{% endmacro %}{{ inner() }}{% endmacro %}{{ outer(1) }}{{ outer(2) }}",
        "{% set ns = namespace(n=0) %}{% macro m() %}{% set ns.n = ns.n + 1 %}{% endmacro %}{{ m() }}{{ m() }}{{ ns.n }}",
        "{% macro m(l) %}{{ l|length }}{% endmacro %}{{ m([1, 2]) }}{{ m(l='abc') }}{{ m(*[[1]]) }}{{ m(**{'l': 'ab'}) }}",
        "{% macro m() %}{% for i in range(3) %}{% if i == 1 %}{% break %}{% endif %}{{ i }}{% endfor %}{% endmacro %}{{ m() }}",
        "{% for i in range(2) %}{% macro m() %}{% break %}{% endmacro %}{% endfor %}",
    ],
    "blocks": [
        "{% filter upper %}hello {{ name }}{% endfilter %}",
        "{% filter replace('l', 'L')|upper %}hello{% endfilter %}",
        "{% filter indent(2) %}a\nb{% endfilter %}",
        "{% filter nothing %}a{% endfilter %}",
        "{% filter upper %}{% set q = 1 %}{{ q }}{% endfilter %}{{ q is defined }}",
        "{% filter trim %}  {% for x in numbers %}{{ x }} {% endfor %}{% endfilter %}|",
        "{% with a=1, b=2 %}{{ a }}{{ b }}{% endwith %}{{ a is defined }}",
        "{% with a=1, b=a %}{{ b is defined }}{% endwith %}",
        "{% set a = 5 %}{% with a=a + 1 %}{{ a }}{% endwith %}{{ a }}",
        "{% with %}{% set z = 1 %}{{ z }}{% endwith %}{{ z is defined }}",
        "{% with a %}{% endwith %}",
        "{% generation %}text {{ name }}{% endgeneration %}",
        "{% for m in messages[:2] %}{% generation %}{{ m.content }}{{ loop.index }}{% endgeneration %}{% endfor %}",
        "{% generation %}{% set g = 1 %}{{ g }}{% endgeneration %}{{ g is defined }}",
        "{%- generation -%}  x  {%- endgeneration -%}  y",
        "{% print 1, 'a' %}{% print name %}",
        "{% autoescape false %}{{ html }}{% endautoescape %}",
        "{% block b %}x{{ name }}{% endblock %}",
        "{% block b %}x{% endblock b %}",
        "{% raw %}{{ not }} {% parsed %} {# at all #}{% endraw %}",
        "a\n  {% raw %}\n  {{ x }}\n  {% endraw %}\nb",
        "a {%- raw -%}  x  {%- endraw -%} b",
        "{%raw%}x{%endraw%}",
        "{% raw %}x",
        "{% do x %}",
        "{% nothing %}",
        "{% %}",
        "{% 1 %}",
        "{% include 'x' %}",
        "{% import 'x' as y %}",
        "{% extends 'x' %}",
        "{% from 'x' import y %}",
        "{% filter upper %}a",
    ],
    "whitespace": [
        "a\n{% if yes %}\nb\n{% endif %}\nc",
        "a\n  {% if yes %}\n  b\n  {% endif %}\n  c",
        "a {% if yes %} b {% endif %} c",
        "a\n  {%- if yes %}\n  b\n  {%- endif %}\n  c",
        "a\n  {% if yes -%}\n  b\n  {% endif -%}\n  c",
        "a\n  {%+ if yes %}\n  b\n  {%+ endif %}\n  c",
        "a\n  {% if yes +%}\n  b\n  {% endif +%}\n  c",
        "a\n  {{ name }}\n  b",
        "a\n  {{- name }}\n  b",
        "a\n  {{ name -}}\n  b",
        "a  {{- name -}}  b",
        "a {{+ name }} b",
        "  {# comment #}\nb",
        "a\n  {# comment #}\n  b",
        "a  {#- comment -#}  b",
        "a\n{#+ comment +#}\nb",
        "{# {{ x }} {% if %} #}ok",
        "{# unfinished",
        "{#- a -#}\n\n{#- b -#}\nc",
        "a\n",
        "a\n\n",
        "\n",
        "\n\na",
        "a\r\nb\rc\r\n",
        "{% if yes %}\r\nx\r\n{% endif %}\r\n",
        "\t {% if yes %}\t x{% endif %}",
        "x\t {% if yes %}y{% endif %}",
        "{% if yes %} {% if yes %} x {% endif %} {% endif %}",
        "{{ 1 }}\n{{ 2 }}\n",
        "{{ 1 }}\n\n{% set x = 1 %}\n\n{{ 2 }}",
        "{%- set x = 1 -%}\n\n {{ x }}",
        "{% set x = 1 %}{% set y = 2 %}\n{{ x }}",
        "a {%- if yes -%} b {%- endif -%} c",
        "\u00a0{%- if yes %}x{% endif %}",
        "  {%- for x in numbers %}\n  - {{ x }}\n  {%- endfor %}\n",
        "{% for x in numbers %}\n{{ x }}\n{% endfor %}\n",
        "{% for x in numbers -%}\n  {{ x }}\n{%- endfor %}\n",
        "{{ 'a\nb' }}",
        "{{ '''a''' }}",
        "{ { x } } { % x % } {}",
        "{{ '{{' }} {{ '}}' }} {{ '%}' }}",
        "{{ {'a': {'b': 1}} }}",
        "{{ {'a': {'b': 1}}}}",
        "{{ [1, [2]] }}",
        "{{ (1, (2)) }}",
        "{{ ) }}",
        "{{ (] }}",
        "{{ [1 }}",
        "{{ 'a }}",
        "{{ a ! b }}",
        "{{ a ? b }}",
        "{{ 1 2 }}",
        "{{ }}",
        "{{",
        "{%",
        "{{ name",
        "}} %} #}",
        "{{ name }",
        "{{ a; }}",
        "{{ $a }}",
        "{{ a @ b }}",
        "{{ naïve is defined }}",
        "{% if yes %}{{ 1 }}{% endif %}  {% if yes %}  {{ 2 }}{% endif %}",
        "line1\n    {%- if yes %}\nline2\n    {%- endif %}\nline3",
        "{%- if yes %}\n    a\n{%- else %}\n    b\n{%- endif %}",
        "{{ 'a' -}}\n\n{{- 'b' }}",
        "{{-name-}}",
        "{{ -1 }}{{- -1 -}}{{ 1 -}}",
        "{{ 1-1 }}{{ 1 -1 }}{{ [1,-1] }}",
        "a{% raw %}\n{% endraw %}b",
        "{% raw -%}\n x {%- endraw %}",
        "  {% raw %}x{% endraw %}  ",
        "a\n  {%- raw %}x{% endraw %}",
    ],
    "errors": [
        "{{ raise_exception('stop') }}",
        "{{ missing.attribute }}",
        "a\n\n{{ 1 / 0 }}",
        "{% for m in messages %}{% if loop.index0 == 2 %}{{ raise_exception('at ' ~ loop.index0) }}{% endif %}{% endfor %}",
        "{{ messages[0].content + 1 }}",
        "{{ messages[3].content + 'x' }}",
        "{{ messages[3].content ~ 'x' }}",
        "{{ messages[0].content.strip().nothing }}",
        "{{ none_value|length }}",
        "{{ none_value + 'a' }}",
        "{{ 'a' in none_value }}",
        "{{ dict.a.b.c }}",
        "{{ tools_none|length }}",
        "{% if tools_none|length > 0 %}x{% endif %}",
        "{% if tools_none and tools_none|length > 0 %}x{% else %}y{% endif %}",
        "{{ not_a_function('x') }}",
        "{{ name.nothing() }}",
        "{{ 'x' * 'y' }}",
    ],
    "chat": [
        "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + (message['content'] if message['content'] is string else message['content'][0]['text']) + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}",
        "{%- if messages[0]['role'] == 'system' %}\n    {%- set system = messages[0]['content'] %}\n    {%- set rest = messages[1:] %}\n{%- else %}\n    {%- set rest = messages %}\n{%- endif %}\n{{- system }}|{{ rest|length }}",
        "{%- macro render(content) %}{%- if content is string %}{{- content }}{%- else %}{%- for part in content %}{%- if part.type == 'text' or 'text' in part %}{{- part.text }}{%- elif part.type == 'image' %}{{- '<image>' }}{%- endif %}{%- endfor %}{%- endif %}{%- endmacro %}{%- for m in messages %}{{- m.role ~ ': ' ~ render(m.content) ~ '\n' }}{%- endfor %}",
        "{%- set ns = namespace(last_user=-1) %}{%- for m in messages[::-1] %}{%- set index = (messages|length - 1) - loop.index0 %}{%- if ns.last_user < 0 and m.role == 'user' %}{%- set ns.last_user = index %}{%- endif %}{%- endfor %}{{ ns.last_user }}",
        "{%- for tool in tools %}{{- tool.function.name }}({% for p, s in tool.function.parameters.properties.items() %}{{ p }}: {{ s.type }}{% if p in tool.function.parameters.required %}!{% endif %}{% if s.default is defined %}={{ s.default }}{% endif %}{{ ', ' if not loop.last else '' }}{% endfor %}){%- endfor %}",
        "{%- for m in messages %}{%- if '</think>' in m.content %}{%- set reasoning = m.content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}{%- set content = m.content.split('</think>')[-1].lstrip('\\n') %}[{{ reasoning }}][{{ content }}]{%- endif %}{%- endfor %}",
        "{{ tools | tojson(indent=4) | indent(2) }}",
        "{%- if tools is defined and tools is not none and tools is iterable %}{{ tools|map(attribute='function')|map(attribute='name')|join(', ') }}{%- endif %}",
        "{%- set roles = messages|map(attribute='role')|list -%}{%- if (roles|first) != 'user' and roles[0] not in ['system', 'developer'] -%}{{ raise_exception('bad') }}{%- endif -%}{{ roles|join('>') }}",
        "{{ (messages|selectattr('role', 'equalto', 'user')|map(attribute='content')|list)[0] }}",
        "{%- for m in messages %}{{ loop.index0 % 2 == 0 and 'even' or 'odd' }}{{ ' ' if not loop.last }}{% endfor %}",
        "Today is {{ strftime_now('%d %B %Y') }}.",
    ],
}


def split_expressions(table):
    """The entries of a table stand between " | " with spaces around, or on lines of their own. A filter's bar has no
    space before it."""
    for line in table.strip().splitlines():
        yield from (entry.strip() for entry in line.split(" | ") if entry.strip())


def cases():
    for group, table in EXPRESSIONS.items():
        for expression in split_expressions(table):
            yield group, "{{ " + expression + " }}"
    for group, templates in TEMPLATES.items():
        for template in templates:
            yield group, template


def main():
    if jinja2.__version__ != "3.1.2":
        sys.exit("this needs jinja2 3.1.2, not " + jinja2.__version__)
    env = environment()
    written = []
    for group, template in cases():
        case = {"group": group, "template": template}
        try:
            case["expected"] = env.from_string(template).render(json.loads(json.dumps(CONTEXT)))
            case["expected"].encode("utf-8")
        except Exception as error:  # whatever Python raises, the template is refused
            case["expected"] = None
            case["error"] = type(error).__name__ + ": " + str(error)
        written.append(case)
    with open("jinja_cases.json", "w", encoding="utf-8") as file:
        json.dump(
            {"renderer": "jinja2 3.1.2, Python " + sys.version.split()[0], "now": NOW.isoformat() + "Z",
             "context": CONTEXT, "cases": written}, file, ensure_ascii=False, indent=1)
        file.write("\n")
    print(len(written), "cases,", sum(case["expected"] is None for case in written), "of them errors")


if __name__ == "__main__":
    main()
