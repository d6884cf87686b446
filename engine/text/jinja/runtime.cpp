#include "engine/text/jinja/runtime.h"

namespace hearth::jinja {
namespace {

// A step per this many bytes of text made, so that long strings are paid for like long loops.
constexpr std::size_t kBytesPerStep = 256;

} // namespace

Status Runtime::afford(std::size_t count, std::size_t bytesEach) {
    if (bytesEach != 0 && count > m_heap.limitBytes() / bytesEach)
        return templateError("a value of " + std::to_string(count) + " parts is larger than templates may make");
    const std::size_t bytes = count * bytesEach;
    if (!m_heap.affords(bytes))
        return templateError("a value of " + std::to_string(bytes) + " bytes does not fit into the memory of "
                             + std::to_string(m_heap.limitBytes()) + " bytes that templates may use");
    return {};
}

Value Runtime::text(std::string bytes) {
    m_steps += bytes.size() / kBytesPerStep;
    return m_heap.make<Text>(std::move(bytes));
}

Value Runtime::markup(std::string bytes) {
    m_steps += bytes.size() / kBytesPerStep;
    return m_heap.make<Text>(std::move(bytes), true);
}

Value Runtime::textLike(const Value& model, std::string bytes) {
    return model.as<Text>().markup ? markup(std::move(bytes)) : text(std::move(bytes));
}

Value Runtime::list(std::vector<Value> items) {
    return m_heap.make<List>(std::move(items));
}

Value Runtime::tuple(std::vector<Value> items) {
    return m_heap.make<Tuple>(std::move(items));
}

Value Runtime::dict() {
    return m_heap.make<Dict>();
}

Value Runtime::undefined(std::string hint) {
    return Value::undefined(m_heap.create<Text>(std::move(hint)));
}

Error Runtime::exhausted() const {
    if (m_heap.exhausted())
        return templateError("the template uses more than " + std::to_string(m_limits.memoryBytes)
                             + " bytes of memory");
    return templateError("the template does not end within " + std::to_string(m_limits.steps) + " steps");
}

Status DepthScope::check() const {
    if (m_runtime.m_depth <= m_runtime.m_limits.depth)
        return {};
    return templateError("the template nests more than " + std::to_string(m_runtime.m_limits.depth) + " evaluations");
}

} // namespace hearth::jinja
