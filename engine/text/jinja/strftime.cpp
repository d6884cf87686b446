#include "engine/text/jinja/strftime.h"

#include <array>
#include <cstdint>
#include <ctime>

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

    std::string format(std::string_view text);

private:
    bool append(char directive, bool padded);
    bool appendNumber(char directive, bool padded);
    void number(long value, std::size_t width, char padding, bool padded);
    void zone();
    [[nodiscard]] int hour12() const { return m_time.tm_hour % 12 == 0 ? 12 : m_time.tm_hour % 12; }
    [[nodiscard]] int isoWeek(int& year) const;

    std::time_t m_seconds = 0;
    int m_microseconds = 0;
    std::tm m_time{};
    std::string m_output;
};

std::string TimeFormatter::format(std::string_view text) {
    for (std::size_t offset = 0; offset < text.size(); ++offset) {
        if (text[offset] != '%') {
            m_output += text[offset];
            continue;
        }
        const bool padded = offset + 1 >= text.size() || text[offset + 1] != '-';
        const std::size_t directive = offset + (padded ? 1 : 2);
        if (directive < text.size() && append(text[directive], padded))
            offset = directive;
        else
            m_output += '%';
    }
    return m_output;
}

void TimeFormatter::number(long value, std::size_t width, char padding, bool padded) {
    const std::string digits = std::to_string(value);
    if (padded && digits.size() < width)
        m_output.append(width - digits.size(), padding);
    m_output += digits;
}

void TimeFormatter::zone() {
    const long minutes = m_time.tm_gmtoff / 60;
    m_output += minutes < 0 ? '-' : '+';
    const long distance = minutes < 0 ? -minutes : minutes;
    number(distance / 60 * 100 + distance % 60, 4, '0', true);
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

bool TimeFormatter::appendNumber(char directive, bool padded) {
    int isoYear = 0;
    const int year = m_time.tm_year + 1900;
    switch (directive) {
    case 'Y':
        number(year, 1, '0', padded);
        return true;
    case 'C':
        number(year / 100, 2, '0', padded);
        return true;
    case 'y':
        number(year % 100, 2, '0', padded);
        return true;
    case 'm':
        number(m_time.tm_mon + 1, 2, '0', padded);
        return true;
    case 'd':
        number(m_time.tm_mday, 2, '0', padded);
        return true;
    case 'e':
        number(m_time.tm_mday, 2, ' ', padded);
        return true;
    case 'H':
        number(m_time.tm_hour, 2, '0', padded);
        return true;
    case 'k':
        number(m_time.tm_hour, 2, ' ', padded);
        return true;
    case 'I':
        number(hour12(), 2, '0', padded);
        return true;
    case 'l':
        number(hour12(), 2, ' ', padded);
        return true;
    case 'M':
        number(m_time.tm_min, 2, '0', padded);
        return true;
    case 'S':
        number(m_time.tm_sec, 2, '0', padded);
        return true;
    case 'j':
        number(m_time.tm_yday + 1, 3, '0', padded);
        return true;
    case 'f':
        number(m_microseconds, 6, '0', true);
        return true;
    case 'w':
        number(m_time.tm_wday, 1, '0', padded);
        return true;
    case 'u':
        number(m_time.tm_wday == 0 ? 7 : m_time.tm_wday, 1, '0', padded);
        return true;
    case 'U':
        number((m_time.tm_yday + 7 - m_time.tm_wday) / 7, 2, '0', padded);
        return true;
    case 'W':
        number((m_time.tm_yday + 7 - (m_time.tm_wday + 6) % 7) / 7, 2, '0', padded);
        return true;
    case 'V':
        number(isoWeek(isoYear), 2, '0', padded);
        return true;
    case 'G':
        static_cast<void>(isoWeek(isoYear));
        number(isoYear, 1, '0', padded);
        return true;
    case 's':
        number(static_cast<long>(m_seconds), 1, '0', padded);
        return true;
    default:
        return false;
    }
}

bool TimeFormatter::append(char directive, bool padded) {
    const std::string_view day = kDays[static_cast<std::size_t>(m_time.tm_wday)];
    const std::string_view month = kMonths[static_cast<std::size_t>(m_time.tm_mon)];
    switch (directive) {
    case 'a':
        m_output += day.substr(0, 3);
        return true;
    case 'A':
        m_output += day;
        return true;
    case 'b':
    case 'h':
        m_output += month.substr(0, 3);
        return true;
    case 'B':
        m_output += month;
        return true;
    case 'p':
        m_output += m_time.tm_hour < 12 ? "AM" : "PM";
        return true;
    case 'P':
        m_output += m_time.tm_hour < 12 ? "am" : "pm";
        return true;
    case 'n':
        m_output += '\n';
        return true;
    case 't':
        m_output += '\t';
        return true;
    case '%':
        m_output += '%';
        return true;
    case 'z':
        zone();
        return true;
    case 'Z':
        m_output += m_time.tm_zone != nullptr ? m_time.tm_zone : "";
        return true;
    case 'c':
        format("%a %b %e %H:%M:%S %Y");
        return true;
    case 'x':
    case 'D':
        format("%m/%d/%y");
        return true;
    case 'X':
    case 'T':
        format("%H:%M:%S");
        return true;
    case 'F':
        format("%Y-%m-%d");
        return true;
    case 'R':
        format("%H:%M");
        return true;
    case 'r':
        format("%I:%M:%S %p");
        return true;
    default:
        return appendNumber(directive, padded);
    }
}

} // namespace

std::string formatTime(std::chrono::system_clock::time_point time, std::string_view format) {
    return TimeFormatter(time).format(format);
}

} // namespace hearth::jinja
