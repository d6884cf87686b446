#include "engine/memory/residency.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>
#include <numeric>

namespace hearth {

namespace {

/// Tensors that are placed together.
struct Unit {
    std::vector<const TensorUse*> uses;
    double bytes = 0;
    double bytesPerToken = 0;
    std::int32_t layer = -1;

    /// How often a byte of it is read, per token.
    [[nodiscard]] double frequency() const { return bytesPerToken / bytes; }
};

/// One for each tensor that is used, and one for each layer's experts; the most often read first.
std::vector<Unit> unitsOf(std::span<const TensorUse> uses) {
    std::vector<Unit> units;
    std::map<std::int32_t, std::size_t> expertsOfLayer;
    for (const TensorUse& use : uses) {
        if (use.bytesPerToken <= 0)
            continue;
        std::size_t place = units.size();
        if (use.tensorClass == TensorClass::RoutedExperts)
            place = expertsOfLayer.try_emplace(use.layer, place).first->second;
        if (place == units.size())
            units.push_back({{}, 0, 0, use.layer});
        units[place].uses.push_back(&use);
        units[place].bytes += static_cast<double>(use.tensor->sizeBytes);
        units[place].bytesPerToken += use.bytesPerToken;
    }
    std::ranges::stable_sort(units, [](const Unit& a, const Unit& b) {
        return a.frequency() != b.frequency() ? a.frequency() > b.frequency() : a.layer < b.layer;
    });
    return units;
}

class Placement {
public:
    Placement(std::span<const TensorUse> uses, const ResidencyRequest& request) {
        m_plan.places = request.gpus;
        m_plan.places.push_back(request.ram);
        m_plan.places.push_back(request.disk);
        m_plan.usedBytes.resize(m_plan.places.size());
        m_plan.bytesPerToken.resize(m_plan.places.size());
        const auto room = static_cast<double>(m_plan.places.front().bytes);
        const auto work = static_cast<double>(request.workBytes);
        m_plan.missingBytes = work > room ? static_cast<std::uint64_t>(work - room) : 0;
        m_plan.usedBytes.front() = std::min(work, room);
        m_plan.bytesPerToken.front() = request.workBytesPerToken;
        for (const Unit& unit : unitsOf(uses))
            place(unit);
    }
    ResidencyPlan take() { return std::move(m_plan); }

private:
    [[nodiscard]] std::size_t ram() const { return m_plan.places.size() - 2; }
    [[nodiscard]] double room(std::size_t place) const {
        return std::max(0.0, static_cast<double>(m_plan.places[place].bytes) - m_plan.usedBytes[place]);
    }

    void place(const Unit& unit) {
        m_plan.weightBytes += static_cast<std::uint64_t>(unit.bytes);
        for (std::size_t gpu = 0; gpu < ram(); ++gpu)
            if (unit.bytes <= room(gpu)) {
                put(unit, gpu, 1.0);
                return;
            }
        const double inMemory = std::min(1.0, room(ram()) / unit.bytes);
        put(unit, ram(), inMemory);
        put(unit, ram() + 1, 1.0 - inMemory);
    }

    void put(const Unit& unit, std::size_t place, double share) {
        if (share <= 0)
            return;
        m_plan.usedBytes[place] += share * unit.bytes;
        m_plan.bytesPerToken[place] += share * unit.bytesPerToken;
        for (const TensorUse* use : unit.uses) {
            ClassResidency& entry = entryOf(use->tensorClass);
            entry.bytes +=
                static_cast<std::uint64_t>(std::llround(share * static_cast<double>(use->tensor->sizeBytes)));
            entry.bytesPerToken += share * use->bytesPerToken;
            entry.placedBytes[place] += share * static_cast<double>(use->tensor->sizeBytes);
            entry.placedPerToken[place] += share * use->bytesPerToken;
        }
    }

    ClassResidency& entryOf(TensorClass tensorClass) {
        auto found = std::ranges::find(m_plan.classes, tensorClass, &ClassResidency::tensorClass);
        if (found != m_plan.classes.end())
            return *found;
        const std::size_t places = m_plan.places.size();
        m_plan.classes.push_back(
            {tensorClass, 0, 0, std::vector<double>(places, 0.0), std::vector<double>(places, 0.0)});
        return m_plan.classes.back();
    }

    ResidencyPlan m_plan;
};

std::string oneDecimal(double value) {
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), value < 10 ? "%.1f" : "%.0f", value);
    return text.data();
}

/// "attention, output (all), routed experts (38 %)": what of each class lives on a place.
std::string contentsOf(const ResidencyPlan& plan, std::size_t place) {
    std::string text;
    for (const ClassResidency& entry : plan.classes) {
        const double share = entry.placedBytes[place] / static_cast<double>(std::max<std::uint64_t>(entry.bytes, 1));
        if (share < 0.0005)
            continue;
        text += (text.empty() ? "" : ", ") + std::string(tensorClassName(entry.tensorClass));
        if (share < 0.9995)
            text += " (" + oneDecimal(100 * share) + " % of them)";
    }
    return text;
}

} // namespace

std::string byteText(double bytes) {
    constexpr std::array kUnits{"bytes", "kB", "MB", "GB", "TB"};
    std::size_t unit = 0;
    for (; bytes >= 999.5 && unit + 1 < kUnits.size(); ++unit)
        bytes /= 1000;
    return (unit == 0 ? std::to_string(std::llround(bytes)) : oneDecimal(bytes)) + " " + kUnits[unit];
}

double ResidencyPlan::tokensPerSecond() const {
    double seconds = 0;
    for (std::size_t place = 0; place < places.size(); ++place)
        if (bytesPerToken[place] > 0)
            seconds += bytesPerToken[place] / std::max(places[place].bytesPerSecond, 1.0);
    return seconds > 0 ? 1 / seconds : 0;
}

std::string ResidencyPlan::explain() const {
    std::string text;
    for (std::size_t place = 0; place < places.size(); ++place) {
        if (usedBytes[place] <= 0)
            continue;
        const MemoryPlace& where = places[place];
        const std::string contents = contentsOf(*this, place);
        text += where.name + " holds " + byteText(usedBytes[place])
                + (where.kind == PlaceKind::Disk ? "" : " of " + byteText(static_cast<double>(where.bytes)))
                + (contents.empty() ? "" : ": " + contents) + ". A token reads " + byteText(bytesPerToken[place])
                + " there, at " + byteText(where.bytesPerSecond) + "/s.\n";
    }
    return text + summary() + "\n";
}

std::string ResidencyPlan::summary() const {
    const std::string speed = "about " + oneDecimal(tokensPerSecond()) + " tokens/s";
    std::string text;
    if (missingBytes > 0)
        text += "Cache and activations alone need " + byteText(static_cast<double>(missingBytes))
                + " more than there is: a shorter context needs less. ";
    if (!needsDisk())
        return text + "Everything that a token reads stays in memory: at most " + speed + ".";
    return text + "The weights (" + byteText(static_cast<double>(weightBytes))
           + ") do not fit into memory. The model runs, but slowly: " + speed + ", for "
           + byteText(bytesPerToken.back()) + " a token come from disk. With " + byteText(usedBytes.back())
           + " more memory nothing would.";
}

ResidencyPlan planResidency(std::span<const TensorUse> uses, const ResidencyRequest& request) {
    return Placement(uses, request).take();
}

} // namespace hearth
