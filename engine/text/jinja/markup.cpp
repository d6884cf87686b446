#include "engine/text/jinja/operations.h"

namespace hearth::jinja {

std::string escapeHtml(std::string_view text) {
    std::string result;
    for (const char byte : text) {
        switch (byte) {
        case '&':
            result += "&amp;";
            break;
        case '<':
            result += "&lt;";
            break;
        case '>':
            result += "&gt;";
            break;
        case '\'':
            result += "&#39;";
            break;
        case '"':
            result += "&#34;";
            break;
        default:
            result += byte;
        }
    }
    return result;
}

std::string escapedFor(const Value& model, const Value& part) {
    const bool plain = !model.as<Text>().markup || part.as<Text>().markup;
    return plain ? textOf(part) : escapeHtml(textOf(part));
}

} // namespace hearth::jinja
