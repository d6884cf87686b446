#pragma once

#include "engine/text/jinja/value.h"

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace hearth::jinja {

/// The objects of one render: freed when their last reference goes, and all of them, cycles too, with the heap.
/// Freeing never recurses, however deep a template nests its lists. Thread: that of the render.
class Heap {
public:
    explicit Heap(std::size_t limitBytes) : m_limitBytes(limitBytes) {}
    Heap(const Heap&) = delete;
    Heap& operator=(const Heap&) = delete;
    ~Heap();

    template <typename T, typename... Arguments>
    T& create(Arguments&&... arguments) {
        auto owned = std::make_unique<T>(std::forward<Arguments>(arguments)...);
        T& object = *owned;
        adopt(std::move(owned), sizeof(T) + object.extraBytes());
        return object;
    }
    /// As create(), wrapped.
    template <typename T, typename... Arguments>
    Value make(Arguments&&... arguments) {
        return Value::of(create<T>(std::forward<Arguments>(arguments)...));
    }

    /// Counts `bytes` that an object took after it was made; they are given back with the object.
    void charge(Object& object, std::size_t bytes);

    /// True once more is held than the limit allows; whoever loops asks (Runtime::step does).
    [[nodiscard]] bool exhausted() const { return m_liveBytes > m_limitBytes; }
    [[nodiscard]] bool affords(std::size_t bytes) const {
        return m_liveBytes <= m_limitBytes && bytes <= m_limitBytes - m_liveBytes;
    }
    [[nodiscard]] std::size_t limitBytes() const { return m_limitBytes; }

private:
    friend class Value;

    void adopt(std::unique_ptr<Object> object, std::size_t bytes);
    void unlink(Object& object);
    /// Called when the last reference to an object went.
    void free(Object& object);

    std::size_t m_limitBytes;
    std::size_t m_liveBytes = 0;
    Object* m_first = nullptr;
    std::vector<Object*> m_waiting; ///< unreferenced, to be deleted by the outermost free()
    bool m_freeing = false;
    bool m_endingAll = false;
};

} // namespace hearth::jinja
