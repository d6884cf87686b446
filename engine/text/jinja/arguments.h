#pragma once

#include "engine/text/jinja/objects.h"
#include "engine/text/jinja/runtime.h"

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::jinja {

/// The arguments of a call sorted into the parameters of a function. Thread: that of the render.
class Parameters {
public:
    /// `names` in order, the first `required` of which must be given; a name that begins with "/" can only be given by
    /// position. Errors: InvalidInput for too many, unknown, doubled or missing arguments.
    [[nodiscard]] static Result<Parameters> bind(std::string_view function, const Arguments& arguments,
                                                 std::initializer_list<std::string_view> names,
                                                 std::size_t required = 0);

    [[nodiscard]] bool given(std::size_t index) const { return !m_values[index].isMissing(); }
    /// As given, or None.
    [[nodiscard]] Value value(std::size_t index) const { return given(index) ? m_values[index] : Value(); }

    /// With a fallback for what is not given. Errors: InvalidInput naming the parameter if the type is another.
    [[nodiscard]] Result<Integer> integer(std::size_t index, Integer fallback) const;
    [[nodiscard]] Result<std::string> text(std::size_t index, std::string_view fallback) const;
    /// bool() of any value.
    [[nodiscard]] bool truth(std::size_t index, bool fallback) const;

private:
    [[nodiscard]] Error wrong(std::size_t index, std::string_view wanted) const;

    std::string_view m_function;
    std::vector<std::string_view> m_names;
    std::vector<Value> m_values;
};

/// An error unless the call has no arguments at all.
[[nodiscard]] Status expectNoArguments(std::string_view function, const Arguments& arguments);

} // namespace hearth::jinja
