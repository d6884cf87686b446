#include "ui/markdown/code_language.h"

#include <QList>

#include <algorithm>

namespace hearth::ui {
namespace {

constexpr char16_t kCKeywords[] =
    u"alignas alignof and and_eq asm break case catch class co_await co_return co_yield concept const consteval "
    u"constexpr constinit const_cast continue decltype default delete do dynamic_cast else enum explicit export extern "
    u"false final for friend goto if import inline module mutable namespace new noexcept not nullptr operator or "
    u"override private protected public register reinterpret_cast requires restrict return sizeof static "
    u"static_assert static_cast struct switch template this thread_local throw true try typedef typeid typename union "
    u"using virtual volatile while NULL";
constexpr char16_t kCTypes[] =
    u"auto bool char char8_t char16_t char32_t double float int long short signed unsigned void wchar_t size_t "
    u"ssize_t ptrdiff_t int8_t int16_t int32_t int64_t uint8_t uint16_t uint32_t uint64_t intptr_t uintptr_t string "
    u"string_view vector map set unordered_map unordered_set optional variant span array pair tuple unique_ptr "
    u"shared_ptr";
constexpr char16_t kPythonKeywords[] =
    u"False None True and as assert async await break case class continue def del elif else except finally for from "
    u"global if import in is lambda match nonlocal not or pass raise return try while with yield self cls";
constexpr char16_t kPythonTypes[] = u"bool bytes bytearray complex dict float frozenset int list object set str tuple "
                                    u"type Any Callable Dict Iterable List Optional Tuple Union";
constexpr char16_t kScriptKeywords[] =
    u"abstract as async await break case catch class const continue debugger declare default delete do else enum "
    u"export extends false finally for from function get if implements import in instanceof interface is keyof let "
    u"namespace new null of private protected public readonly return satisfies set static super switch this throw true "
    u"try typeof undefined var void while with yield NaN Infinity";
constexpr char16_t kScriptTypes[] =
    u"any bigint boolean never number object string symbol type unknown Array Date Error "
    u"JSON Map Math Number Object Promise Record RegExp Set String Symbol";
constexpr char16_t kShellKeywords[] =
    u"case do done elif else esac eval exec exit export fi for function if in local readonly return select set shift "
    u"source then time trap unset until while alias break continue declare true false";
constexpr char16_t kShellTypes[] =
    u"apt awk cat cd chmod chown cmake cp curl cut docker echo find git grep head kill ln ls make mkdir mv npm pip "
    u"printf ps python python3 pwd read rm rmdir sed sort ssh sudo tail tar tee test touch tr uniq wc wget xargs";
constexpr char16_t kSqlKeywords[] =
    u"add all alter and any as asc autoincrement begin between by cascade case check collate column commit constraint "
    u"create cross cursor database declare default delete desc distinct drop each else end except exists explain false "
    u"fetch for foreign from full function grant group having if ignore in index inner insert intersect into is join "
    u"key left like limit natural not null offset on or order outer over partition pragma primary procedure recursive "
    u"references replace returning returns revoke right rollback row rows select set table temporary then to "
    u"transaction trigger true truncate union unique update using values view virtual when where window with";
constexpr char16_t kSqlTypes[] =
    u"bigint binary bit blob boolean bool char clob date datetime decimal double float int integer interval json "
    u"jsonb money nchar numeric nvarchar real serial smallint text time timestamp tinyint uuid varbinary varchar";
constexpr char16_t kRustKeywords[] =
    u"as async await break const continue crate dyn else enum extern false fn for if impl in let loop macro_rules "
    u"match mod move mut pub ref return self static struct super trait true type union unsafe use where while";
constexpr char16_t kRustTypes[] = u"Self bool char f32 f64 i8 i16 i32 i64 i128 isize str u8 u16 u32 u64 u128 usize";
constexpr char16_t kGoKeywords[] = u"break case chan const continue default defer else fallthrough false for func go "
                                   u"goto if import interface iota map "
                                   u"nil package range return select struct switch true type var";
constexpr char16_t kGoTypes[] =
    u"any bool byte comparable complex64 complex128 error float32 float64 int int8 int16 int32 int64 rune string uint "
    u"uint8 uint16 uint32 uint64 uintptr";
constexpr char16_t kJavaKeywords[] =
    u"abstract as assert break case catch class const continue data default do else enum extends false final finally "
    u"for fun get goto if implements import in instanceof interface internal is lateinit lock namespace native new "
    u"null "
    u"object open out override package params permits private protected public readonly record ref return sealed set "
    u"static strictfp super suspend switch synchronized this throw throws transient true try typeof using val var "
    u"virtual volatile when where while yield";
constexpr char16_t kJavaTypes[] =
    u"boolean bool byte char decimal double float int long object short string uint ulong "
    u"ushort void";
constexpr char16_t kCssKeywords[] =
    u"important media import keyframes from to supports layer container and not or only";

std::vector<QStringView> words(QStringView list) {
    std::vector<QStringView> found;
    for (const QStringView word : list.split(u' '))
        if (!word.isEmpty())
            found.push_back(word);
    std::sort(found.begin(), found.end());
    return found;
}

// Strings of the families.
std::vector<StringRule> plainQuotes() {
    return {{u"\"", u"\"", u'\\'}, {u"'", u"'", u'\\'}};
}

std::vector<StringRule> cStrings() {
    return {{u"R\"(", u")\"", QChar(), true}, {u"\"", u"\"", u'\\'}, {u"'", u"'", u'\\'}};
}

std::vector<StringRule> pythonStrings() {
    return {
        {u"\"\"\"", u"\"\"\"", u'\\', true}, {u"'''", u"'''", u'\\', true}, {u"\"", u"\"", u'\\'}, {u"'", u"'", u'\\'}};
}

std::vector<StringRule> scriptStrings() {
    return {{u"`", u"`", u'\\', true}, {u"\"", u"\"", u'\\'}, {u"'", u"'", u'\\'}};
}

std::vector<StringRule> shellStrings() {
    return {{u"\"", u"\"", u'\\', true}, {u"'", u"'", QChar(), true}};
}

std::vector<StringRule> sqlStrings() {
    return {{u"'", u"'", QChar(), true}, {u"\"", u"\"", QChar()}, {u"`", u"`", QChar()}};
}

std::vector<StringRule> rustStrings() {
    return {{u"r#\"", u"\"#", QChar(), true},
            {u"r\"", u"\"", QChar(), true},
            {u"\"", u"\"", u'\\', true},
            {u"'", u"'", u'\\'}};
}

std::vector<StringRule> goStrings() {
    return {{u"`", u"`", QChar(), true}, {u"\"", u"\"", u'\\'}, {u"'", u"'", u'\\'}};
}

std::vector<StringRule> javaStrings() {
    return {{u"\"\"\"", u"\"\"\"", u'\\', true}, {u"\"", u"\"", u'\\'}, {u"'", u"'", u'\\'}};
}

} // namespace

const std::vector<CodeLanguage>& codeLanguages() {
    using enum CodeTrait;
    static const std::vector<CodeLanguage> languages = {
        {words(u"c c++ cpp cc cxx h hpp hxx cuda cu objc glsl hlsl arduino ino"),
         words(kCKeywords),
         words(kCTypes),
         {u"//"},
         u"/*",
         u"*/",
         cStrings(),
         HashDirectives | CapitalTypes},
        {words(u"python py python3 py3 pycon ipython"),
         words(kPythonKeywords),
         words(kPythonTypes),
         {u"#"},
         {},
         {},
         pythonStrings(),
         Decorators | CapitalTypes},
        {words(u"javascript js jsx mjs cjs typescript ts tsx node"),
         words(kScriptKeywords),
         words(kScriptTypes),
         {u"//"},
         u"/*",
         u"*/",
         scriptStrings(),
         Decorators | CapitalTypes},
        {words(u"json jsonc json5 jsonl"),
         words(u"true false null"),
         {},
         {u"//"},
         u"/*",
         u"*/",
         plainQuotes(),
         StringKeys | NoCalls},
        {words(u"bash sh shell zsh console terminal shellsession dockerfile makefile fish"),
         words(kShellKeywords),
         words(kShellTypes),
         {u"#"},
         {},
         {},
         shellStrings(),
         DollarNames | NoCalls | HashNeedsBlank},
        {words(u"sql sqlite mysql postgresql postgres psql plsql tsql"),
         words(kSqlKeywords),
         words(kSqlTypes),
         {u"--"},
         u"/*",
         u"*/",
         sqlStrings(),
         CodeTraits(IgnoresCase)},
        {words(u"html xml svg xhtml htm vue plist rss"), {}, {}, {}, u"<!--", u"-->", {}, CodeTraits(Markup)},
        {words(u"rust rs"),
         words(kRustKeywords),
         words(kRustTypes),
         {u"//"},
         u"/*",
         u"*/",
         rustStrings(),
         CapitalTypes | Lifetimes},
        {words(u"go golang"),
         words(kGoKeywords),
         words(kGoTypes),
         {u"//"},
         u"/*",
         u"*/",
         goStrings(),
         CodeTraits(CapitalTypes)},
        {words(u"java kotlin kt cs csharp c# scala groovy dart"),
         words(kJavaKeywords),
         words(kJavaTypes),
         {u"//"},
         u"/*",
         u"*/",
         javaStrings(),
         Decorators | CapitalTypes},
        {words(u"yaml yml toml ini cfg conf properties env"),
         words(u"true false null yes no on off"),
         {},
         {u"#", u";"},
         {},
         {},
         plainQuotes(),
         BareKeys | NoCalls | HashNeedsBlank},
        {words(u"css scss less"), words(kCssKeywords), {}, {u"//"}, u"/*", u"*/", plainQuotes(), Decorators | BareKeys},
        {words(u"diff patch udiff"), {}, {}, {}, {}, {}, {}, CodeTraits(LineMarks)},
    };
    return languages;
}

} // namespace hearth::ui
