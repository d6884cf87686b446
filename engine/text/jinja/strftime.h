#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace hearth::jinja {

/// The local time as `format` says, in English whatever the locale: %Y %m %d %H %M %S %y %j %a %A %b %B %h %e %I %p %f
/// %w %u %U %W %V %G %c %x %X %D %F %T %R %r %n %t %z %Z %s %C %k %l %% and a "-" after the percent that drops padding.
/// Other directives stay as they are. Thread: any. Source: Python's strftime on Linux.
[[nodiscard]] std::string formatTime(std::chrono::system_clock::time_point time, std::string_view format);

} // namespace hearth::jinja
