#include "engine/text/jinja/heap.h"

namespace hearth::jinja {

void Value::release() {
    if (m_holdsObject && --m_payload.object->m_references == 0)
        m_payload.object->m_heap->free(*m_payload.object);
}

Heap::~Heap() {
    // Objects may point at each other in circles, so first all let go of all, then all are deleted.
    m_endingAll = true;
    for (Object* object = m_first; object != nullptr; object = object->m_next)
        object->dropChildren();
    while (m_first != nullptr) {
        Object* object = m_first;
        m_first = object->m_next;
        delete object;
    }
}

void Heap::adopt(std::unique_ptr<Object> owned, std::size_t bytes) {
    Object* object = owned.release();
    object->m_heap = this;
    object->m_next = m_first;
    if (m_first != nullptr)
        m_first->m_previous = object;
    m_first = object;
    charge(*object, bytes);
}

void Heap::charge(Object& object, std::size_t bytes) {
    object.m_chargedBytes += bytes;
    m_liveBytes += bytes;
}

void Heap::unlink(Object& object) {
    if (object.m_previous != nullptr)
        object.m_previous->m_next = object.m_next;
    else
        m_first = object.m_next;
    if (object.m_next != nullptr)
        object.m_next->m_previous = object.m_previous;
    m_liveBytes -= object.m_chargedBytes;
}

void Heap::free(Object& object) {
    if (m_endingAll)
        return;
    m_waiting.push_back(&object);
    if (m_freeing)
        return;
    m_freeing = true;
    while (!m_waiting.empty()) {
        Object* next = m_waiting.back();
        m_waiting.pop_back();
        unlink(*next);
        delete next; // its Values call free(), which only adds to m_waiting
    }
    m_freeing = false;
}

} // namespace hearth::jinja
