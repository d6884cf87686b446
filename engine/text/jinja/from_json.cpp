#include "engine/text/jinja/from_json.h"

#include "engine/text/jinja/unicode.h"

#include <utility>
#include <vector>

namespace hearth::jinja {

Result<Value> fromJson(Runtime& runtime, const nlohmann::ordered_json& json) {
    using Type = nlohmann::ordered_json::value_t;
    const DepthScope depth(runtime);
    HEARTH_CHECK(depth.check());
    HEARTH_CHECK(runtime.step());
    switch (json.type()) {
    case Type::null:
    case Type::discarded:
        return Value();
    case Type::boolean:
        return Value::boolean(json.get<bool>());
    case Type::number_integer:
        return Value::integer(json.get<std::int64_t>());
    case Type::number_unsigned:
        return Value::integer(static_cast<Integer>(json.get<std::uint64_t>()));
    case Type::number_float:
        return Value::real(json.get<double>());
    case Type::string:
        return runtime.text(sanitizeUtf8(json.get_ref<const std::string&>()));
    case Type::binary:
        return Error{ErrorCode::InvalidInput, "binary values cannot be given to a template"};
    case Type::array: {
        std::vector<Value> items;
        items.reserve(json.size());
        for (const auto& element : json) {
            HEARTH_TRY(Value item, fromJson(runtime, element));
            items.push_back(std::move(item));
        }
        return runtime.list(std::move(items));
    }
    case Type::object: {
        const Value dict = runtime.dict();
        for (const auto& [key, element] : json.items()) {
            HEARTH_TRY(Value value, fromJson(runtime, element));
            HEARTH_CHECK(dict.as<Dict>().set(runtime.text(sanitizeUtf8(key)), std::move(value)));
        }
        return dict;
    }
    }
    return Value();
}

} // namespace hearth::jinja
