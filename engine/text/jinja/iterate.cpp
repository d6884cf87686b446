#include "engine/text/jinja/frames.h"
#include "engine/text/jinja/operations.h"
#include "engine/text/jinja/unicode.h"

namespace hearth::jinja {
namespace {

const std::vector<Dict::Entry>& entriesOf(const Value& view) {
    return view.as<DictView>().dict.as<Dict>().entries();
}

bool nextOf(const std::vector<Value>& items, std::size_t& position, Value& item) {
    if (position >= items.size())
        return false;
    item = items[position++];
    return true;
}

bool nextOfView(Runtime& runtime, const DictView& view, std::size_t& position, Value& item) {
    const std::vector<Dict::Entry>& entries = view.dict.as<Dict>().entries();
    if (position >= entries.size())
        return false;
    const Dict::Entry& entry = entries[position++];
    if (view.part == DictView::Part::Items)
        item = runtime.tuple({entry.key, entry.value});
    else
        item = view.part == DictView::Part::Keys ? entry.key : entry.value;
    return true;
}

bool nextOfText(Runtime& runtime, const std::string& bytes, std::size_t& position, Value& item) {
    if (position >= bytes.size())
        return false;
    const std::size_t length = characterBytes(bytes[position]);
    item = runtime.text(bytes.substr(position, length));
    position += length;
    return true;
}

Result<bool> nextOf(Runtime& runtime, Iterator& iterator, Value& item) {
    if (iterator.running)
        return templateError("the iterator is already running");
    if (!iterator.next)
        return false;
    const DepthScope depth(runtime);
    HEARTH_CHECK(depth.check());
    iterator.running = true;
    auto more = iterator.next(runtime, item);
    iterator.running = false;
    if (!more.ok() || !*more)
        iterator.next = nullptr;
    return more;
}

} // namespace

Integer Range::size() const {
    if (step > 0)
        return start < stop ? (stop - start - 1) / step + 1 : 0;
    return start > stop ? (start - stop - 1) / -step + 1 : 0;
}

Result<bool> Cursor::next(Runtime& runtime, Value& item) {
    HEARTH_CHECK(runtime.step());
    switch (m_source.kind()) {
    case Kind::List:
        return nextOf(m_source.as<List>().items, m_position, item);
    case Kind::Tuple:
        return nextOf(m_source.as<Tuple>().items, m_position, item);
    case Kind::Dict: {
        const std::vector<Dict::Entry>& entries = m_source.as<Dict>().entries();
        if (m_position >= entries.size())
            return false;
        item = entries[m_position++].key;
        return true;
    }
    case Kind::DictView:
        return nextOfView(runtime, m_source.as<DictView>(), m_position, item);
    case Kind::Text:
        return nextOfText(runtime, textOf(m_source), m_position, item);
    case Kind::Range: {
        const auto& range = m_source.as<Range>();
        if (static_cast<Integer>(m_position) >= range.size())
            return false;
        item = Value::integer(range.start + static_cast<Integer>(m_position++) * range.step);
        return true;
    }
    case Kind::Iterator: {
        return nextOf(runtime, m_source.as<Iterator>(), item);
    }
    default:
        return false;
    }
}

bool isIterable(const Value& value) {
    switch (value.kind()) {
    case Kind::Undefined:
    case Kind::Text:
    case Kind::List:
    case Kind::Tuple:
    case Kind::Dict:
    case Kind::DictView:
    case Kind::Range:
    case Kind::Iterator:
        return true;
    default:
        return false;
    }
}

Result<Cursor> iterate(Runtime&, const Value& value) {
    if (!isIterable(value))
        return wrongType("cannot iterate over", value);
    return Cursor(value);
}

Result<std::vector<Value>> collect(Runtime& runtime, const Value& value) {
    HEARTH_TRY(Cursor cursor, iterate(runtime, value));
    std::vector<Value> items;
    Value item;
    while (true) {
        HEARTH_TRY(const bool more, cursor.next(runtime, item));
        if (!more)
            return items;
        items.push_back(std::move(item));
        if (items.size() % 1024 == 0)
            HEARTH_CHECK(runtime.afford(items.size(), 2 * sizeof(Value)));
    }
}

bool isTrue(const Value& value) {
    switch (value.kind()) {
    case Kind::Missing:
    case Kind::Undefined:
    case Kind::None:
        return false;
    case Kind::Boolean:
    case Kind::Integer:
        return value.asInteger() != 0;
    case Kind::Float:
        return value.asReal() != 0;
    case Kind::Text:
        return !textOf(value).empty();
    case Kind::List:
        return !value.as<List>().items.empty();
    case Kind::Tuple:
        return !value.as<Tuple>().items.empty();
    case Kind::Dict:
        return value.as<Dict>().size() > 0;
    case Kind::DictView:
        return !entriesOf(value).empty();
    case Kind::Range:
        return value.as<Range>().size() > 0;
    default:
        return true;
    }
}

Result<Integer> lengthOf(Runtime& runtime, const Value& value) {
    switch (value.kind()) {
    case Kind::Undefined:
        return Integer{0};
    case Kind::Text:
        return static_cast<Integer>(value.as<Text>().length());
    case Kind::List:
        return static_cast<Integer>(value.as<List>().items.size());
    case Kind::Tuple:
        return static_cast<Integer>(value.as<Tuple>().items.size());
    case Kind::Dict:
        return static_cast<Integer>(value.as<Dict>().size());
    case Kind::DictView:
        return static_cast<Integer>(entriesOf(value).size());
    case Kind::Range:
        return value.as<Range>().size();
    case Kind::Loop:
        return value.as<Loop>().length(runtime);
    default:
        return wrongType("there is no length of", value);
    }
}

} // namespace hearth::jinja
