#include "tests/ui/believable_trace.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string_view>

namespace hearth::ui {

namespace {

constexpr int kLayers = 24;
constexpr int kExperts = 64;
constexpr int kUsed = 6;

/// Numbers that look random and are the same everywhere. Source: the mixing steps of splitmix64.
std::uint64_t scramble(std::uint64_t value) {
    value += 0x9E3779B97F4A7C15U;
    value = (value ^ (value >> 30U)) * 0xBF58476D1CE4E5B9U;
    value = (value ^ (value >> 27U)) * 0x94D049BB133111EBU;
    return value ^ (value >> 31U);
}

double unit(std::uint64_t seed) {
    return static_cast<double>(scramble(seed) >> 11U) / 9007199254740992.0;
}

std::uint64_t hashOf(std::string_view text) {
    std::uint64_t hash = 1469598103934665603U;
    for (const char letter : text)
        hash = (hash ^ static_cast<unsigned char>(letter)) * 1099511628211U;
    return hash;
}

enum class Kind { Article, Link, Mark, Break, Noun, Verb, Rest };

/// Words of one kind, which stand in for each other as runners-up.
struct Group {
    Kind kind;
    std::vector<std::string> words;
};

const std::vector<Group>& groups() {
    static const std::vector<Group> all{
        {Kind::Article, {" the", " a", " its", " this", " each", "The", "A", "This"}},
        {Kind::Link,
         {" of", " in", " at", " on", " from", " to", " and", " before", " as", " until", " where", " when"}},
        {Kind::Mark, {",", ".", ":", ";", " –", "**", "?"}},
        {Kind::Break, {"\n\n", "\n", ".\n\n", ":\n\n"}},
        {Kind::Noun,
         {" water", " steam", " kettle", " bubbles", " heat", " bottom", " metal", " sound", " surface", " air", " top",
          " layer", " singing", " boil", " noise", " note"}},
        {Kind::Verb,
         {" rise", " collapse", " form", " reach", " boils", " sings", " stops", " is", " are", " makes", " meet",
          " shrink", " break", " heats", " begins"}},
    };
    return all;
}

Kind kindOf(std::string_view piece) {
    for (const Group& group : groups())
        if (std::find(group.words.begin(), group.words.end(), piece) != group.words.end())
            return group.kind;
    return Kind::Rest;
}

double probabilityOf(std::string_view piece, Kind kind, int index) {
    const double luck = unit(hashOf(piece) + static_cast<std::uint64_t>(index) * 31U);
    constexpr std::array<double, 7> kTypical{0.82, 0.74, 0.90, 0.93, 0.55, 0.48, 0.80};
    const double typical = kTypical[static_cast<std::size_t>(kind)];
    const bool continuesWord = !piece.starts_with(' ') && kind == Kind::Rest;
    const double certainty = continuesWord ? 0.97 : typical;
    return std::clamp(1.0 - std::pow(luck, certainty * 4.5), 0.012, 0.9994);
}

std::vector<std::pair<std::string, float>> runnersUpOf(const std::string& piece, Kind kind, int index, double left) {
    static const std::vector<std::string> rest{" small", " cold", " hot", " very", " just", " then"};
    const std::vector<std::string>* words = &rest;
    for (const Group& group : groups())
        if (group.kind == kind)
            words = &group.words;
    std::vector<std::pair<std::string, float>> others;
    const std::uint64_t start = scramble(hashOf(piece) + static_cast<std::uint64_t>(index));
    for (std::size_t step = 0; step < words->size() && others.size() < 5; ++step) {
        const std::string& word = (*words)[(start + step * 5 + step) % words->size()];
        const bool isNew = word != piece && std::none_of(others.begin(), others.end(), [&](const auto& other) {
                               return other.first == word;
                           });
        if (!isNew)
            continue;
        left *= 0.55;
        others.emplace_back(word, static_cast<float>(left * 0.8));
    }
    return others;
}

/// How much a layer likes an expert for a token: its general favourites, the token's kind, the token itself.
double liking(int layer, int expert, std::string_view piece, Kind kind, int index) {
    const auto place = static_cast<std::uint64_t>(layer * kExperts + expert);
    const double favourite = unit(place * 7919U);
    const double ofKind = unit(place * 104729U + static_cast<std::uint64_t>(kind) * 131U);
    const double ofWord = unit(hashOf(piece) ^ (place * 15485863U));
    const double ofPlace = unit(place * 32452843U + static_cast<std::uint64_t>(index) * 977U);
    const double depth = static_cast<double>(layer) / kLayers; // early layers sort by word, late ones by kind
    return 0.75 * std::pow(favourite, 6) + (0.4 + depth) * std::pow(ofKind, 3)
           + (1.2 - 0.7 * depth) * std::pow(ofWord, 2) + 0.5 * ofPlace;
}

} // namespace

TraceShape believableShape() {
    TraceShape shape;
    constexpr std::uint64_t kExpertBytes = 9'732'096;
    for (int layer = 0; layer < kLayers; ++layer)
        shape.layers.push_back({layer + 1, kExperts, kUsed, kExpertBytes});
    shape.commonBytes = 1'450'000'000;
    shape.weightBytes = shape.commonBytes + kExpertBytes * kLayers * kExperts;
    return shape;
}

std::vector<std::string> believableAnswer() {
    return {
        "A",       " kettle",  " sings",   " because", " of",       " **",      "coll",      "apsing",     " bubbles",
        "**,",     " not",     " because", " of",      " boiling",  ".\n\n",    "The",       " metal",     " at",
        " the",    " bottom",  " is",      " the",     " hottest",  " part",    ".",         " There",     " the",
        " water",  " turns",   " to",      " steam",   " long",     " before",  " the",      " rest",      " is",
        " hot",    ",",        " and",     " small",   " bubbles",  " form",    ".",         " As",        " they",
        " rise",   ",",        " they",    " meet",    " cooler",   " water",   " above",    ",",          " the",
        " steam",  " cond",    "enses",    ",",        " and",      " each",    " bubble",   " collapses", " with",
        " a",      " tiny",    " click",   ".\n\n",    "Thousands", " of",      " clicks",   " a",         " second",
        " set",    " the",     " water",   ",",        " the",      " metal",   " and",      " the",       " air",
        " inside", " humming", " –",       " that",    " is",       " the",     " singing",  ".",          " Its",
        " note",   " rises",   " as",      " the",     " bubbles",  " get",     " smaller",  " and",       " quicker",
        ".\n\n",   "When",     " the",     " whole",   " kettle",   " reaches", " ",         "100",        " °",
        "C",       ",",        " the",     " bubbles", " no",       " longer",  " collapse", ":",          " they",
        " reach",  " the",     " surface", " and",     " break",    " there",   ".",         " The",       " singing",
        " stops",  ",",        " and",     " the",     " softer",   " noise",   " of",       " a",         " rolling",
        " boil",   " begins",  "."};
}

FakeTrace believableTrace(const std::string& piece, int index) {
    const Kind kind = kindOf(piece);
    FakeTrace trace;
    const double probability = probabilityOf(piece, kind, index);
    trace.probability = static_cast<float>(probability);
    trace.runnersUp = runnersUpOf(piece, kind, index, 1 - probability);
    for (int layer = 0; layer < kLayers; ++layer) {
        std::vector<std::pair<double, int>> likings;
        for (int expert = 0; expert < kExperts; ++expert)
            likings.emplace_back(liking(layer, expert, piece, kind, index), expert);
        std::partial_sort(likings.begin(), likings.begin() + kUsed, likings.end(), std::greater<>());
        for (int choice = 0; choice < kUsed; ++choice) {
            trace.experts.push_back(likings[static_cast<std::size_t>(choice)].second);
            trace.weights.push_back(
                static_cast<float>(std::exp(1.6 * likings[static_cast<std::size_t>(choice)].first)));
        }
    }
    return trace;
}

} // namespace hearth::ui
