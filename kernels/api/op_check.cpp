#include "kernels/api/op_checker.h"

namespace hearth {

std::optional<std::string> whyMalformed(const Program& program, const Op& op) {
    OpChecker checker(program, op);
    std::visit([&](const auto& typed) { checkOp(checker, typed); }, op);
    return checker.result();
}

} // namespace hearth
