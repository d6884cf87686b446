#include "engine/text/jinja/strftime.h"

#include <array>
#include <cstdint>
#include <ctime>
#include <utility>

namespace hearth::jinja {
namespace {

constexpr std::array<std::string_view, 7> kDays{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 12> kMonths{"January",   "February", "March",    "April",
                                                   "May",       "June",     "July",     "August",
                                                   "September", "October",  "November", "December"};

class TimeFormatter {
public:
    explicit TimeFormatter(std::chrono::system_clock::time_point time) {
        const auto sinceEpoch = std::chrono::floor<std::chrono::microseconds>(time.time_since_epoch());
        const auto seconds = std::chrono::floor<std::chrono::seconds>(sinceEpoch);
        m_seconds = static_cast<std::time_t>(seconds.count());
        m_microseconds = static_cast<int>((sinceEpoch - seconds).count());
        localtime_r(&m_seconds, &m_time);
    }

    /// Appends the format's text. Always true, as are the others that append.
    bool expand(std::string_view format);
    std::string take() { return std::move(m_output); }

private:
    /// False, and nothing is appended, if there is no such directive.
    bool append(char directive, bool padded);
    bool appendDate(char directive, bool padded);
    bool appendClock(char directive, bool padded);
    bool text(std::string_view text);
    bool number(long value, std::size_t width, char padding, bool padded);
    bool zone();
    [[nodiscard]] int isoWeek(int& year) const;

    std::time_t m_seconds = 0;
    int m_microseconds = 0;
    std::tm m_time{};
    std::string m_output;
};

bool TimeFormatter::expand(std::string_view format) {
    for (std::size_t offset = 0; offset < format.size(); ++offset) {
        if (format[offset] != '%') {
            m_output += format[offset];
            continue;
        }
        const bool padded = offset + 1 >= format.size() || format[offset + 1] != '-';
        const std::size_t directive = offset + (padded ? 1 : 2);
        if (directive < format.size() && append(format[directive], padded))
            offset = directive;
        else
            m_output += '%';
    }
    return true;
}

bool TimeFormatter::text(std::string_view text) {
    m_output += text;
    return true;
}

bool TimeFormatter::number(long value, std::size_t width, char padding, bool padded) {
    const std::string digits = std::to_string(value);
    if (padded && digits.size() < width)
        m_output.append(width - digits.size(), padding);
    return text(digits);
}

bool TimeFormatter::zone() {
    const long minutes = m_time.tm_gmtoff / 60;
    m_output += minutes < 0 ? '-' : '+';
    const long distance = minutes < 0 ? -minutes : minutes;
    return number(distance / 60 * 100 + distance % 60, 4, '0', true);
}

// Weeks begin on Monday; week 1 has the year's first Thursday.
int TimeFormatter::isoWeek(int& year) const {
    const int weekday = (m_time.tm_wday + 6) % 7;
    year = m_time.tm_year + 1900;
    const int week = (m_time.tm_yday - weekday + 10) / 7;
    const auto weeksOf = [&](int y) {
        const auto shift = [](int x) { return (x + x / 4 - x / 100 + x / 400) % 7; };
        return shift(y) == 4 || shift(y - 1) == 3 ? 53 : 52;
    };
    if (week < 1)
        return weeksOf(--year);
    if (week > weeksOf(year)) {
        ++year;
        return 1;
    }
    return week;
}

bool TimeFormatter::appendDate(char directive, bool padded) {
    int isoYear = 0;
    const int isoWeekNumber = isoWeek(isoYear);
    const int year = m_time.tm_year + 1900;
    const int mondayBased = (m_time.tm_wday + 6) % 7;
    switch (directive) {
    case 'Y':
        return number(year, 1, '0', padded);
    case 'C':
        return number(year / 100, 2, '0', padded);
    case 'y':
        return number(year % 100, 2, '0', padded);
    case 'm':
        return number(m_time.tm_mon + 1, 2, '0', padded);
    case 'd':
        return number(m_time.tm_mday, 2, '0', padded);
    case 'e':
        return number(m_time.tm_mday, 2, ' ', padded);
    case 'j':
        return number(m_time.tm_yday + 1, 3, '0', padded);
    case 'w':
        return number(m_time.tm_wday, 1, '0', padded);
    case 'u':
        return number(mondayBased + 1, 1, '0', padded);
    case 'U':
        return number((m_time.tm_yday + 7 - m_time.tm_wday) / 7, 2, '0', padded);
    case 'W':
        return number((m_time.tm_yday + 7 - mondayBased) / 7, 2, '0', padded);
    case 'V':
        return number(isoWeekNumber, 2, '0', padded);
    case 'G':
        return number(isoYear, 1, '0', padded);
    default:
        return false;
    }
}

bool TimeFormatter::appendClock(char directive, bool padded) {
    const int hour12 = m_time.tm_hour % 12 == 0 ? 12 : m_time.tm_hour % 12;
    switch (directive) {
    case 'H':
        return number(m_time.tm_hour, 2, '0', padded);
    case 'k':
        return number(m_time.tm_hour, 2, ' ', padded);
    case 'I':
        return number(hour12, 2, '0', padded);
    case 'l':
        return number(hour12, 2, ' ', padded);
    case 'M':
        return number(m_time.tm_min, 2, '0', padded);
    case 'S':
        return number(m_time.tm_sec, 2, '0', padded);
    case 'f':
        return number(m_microseconds, 6, '0', true);
    case 's':
        return number(static_cast<long>(m_seconds), 1, '0', padded);
    case 'p':
        return text(m_time.tm_hour < 12 ? "AM" : "PM");
    case 'P':
        return text(m_time.tm_hour < 12 ? "am" : "pm");
    case 'z':
        return zone();
    case 'Z':
        return text(m_time.tm_zone != nullptr ? m_time.tm_zone : "");
    default:
        return false;
    }
}

// What stands for other directives, and plain words.
bool TimeFormatter::append(char directive, bool padded) {
    const std::string_view day = kDays[static_cast<std::size_t>(m_time.tm_wday)];
    const std::string_view month = kMonths[static_cast<std::size_t>(m_time.tm_mon)];
    switch (directive) {
    case 'a':
        return text(day.substr(0, 3));
    case 'A':
        return text(day);
    case 'b':
    case 'h':
        return text(month.substr(0, 3));
    case 'B':
        return text(month);
    case 'n':
        return text("\n");
    case 't':
        return text("\t");
    case '%':
        return text("%");
    case 'c':
        return expand("%a %b %e %H:%M:%S %Y");
    case 'x':
    case 'D':
        return expand("%m/%d/%y");
    case 'X':
    case 'T':
        return expand("%H:%M:%S");
    case 'F':
        return expand("%Y-%m-%d");
    case 'R':
        return expand("%H:%M");
    case 'r':
        return expand("%I:%M:%S %p");
    default:
        return appendDate(directive, padded) || appendClock(directive, padded);
    }
}

} // namespace

std::string formatTime(std::chrono::system_clock::time_point time, std::string_view format) {
    TimeFormatter formatter(time);
    formatter.expand(format);
    return formatter.take();
}

} // namespace hearth::jinja
