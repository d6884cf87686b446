#include "engine/run/speculation/draft_planner.h"

#include <algorithm>

namespace hearth {

namespace {

// Guesses that are believed in before any was made, and how often they come true.
constexpr double kBelievedGuesses = 2.0;
constexpr double kBelievedChance = 0.6;
// What is left of an old guess's weight after one more, and after a step that made none: belief comes back slowly.
constexpr double kMemory = 0.95;
constexpr double kIdleMemory = 0.99;
// How much of a new time goes into the mean; other programs disturb single ones.
constexpr double kTimeWeight = 0.2;
// Rows cost something, and may cost as much as steps of their own (mixtures read other experts for each).
constexpr double kLeastRowShare = 0.02;
constexpr double kMostRowShare = 1.5;
// So often a step goes without guesses, so that its time stays known.
constexpr std::int32_t kPlainEvery = 48;

void blend(double& mean, double value) {
    mean = mean == 0 ? value : mean + kTimeWeight * (value - mean);
}

} // namespace

double DraftPlanner::Record::chance() const {
    return (right + kBelievedGuesses * kBelievedChance) / (made + kBelievedGuesses);
}

void DraftPlanner::begin() {
    m_taken = 0;
    m_expected = 1;
    m_reached = 1;
}

double DraftPlanner::secondsSoFar() const {
    return m_plainSeconds * (1 + m_rowShare * m_taken) + m_guessSeconds * m_taken + m_returnSeconds * (1 - m_reached);
}

bool DraftPlanner::pays(double chance, double extraSeconds) const {
    const double gained = m_reached * chance;
    const double cost = m_plainSeconds * m_rowShare + extraSeconds + m_returnSeconds * (m_reached - gained);
    return gained * secondsSoFar() > m_expected * cost;
}

bool DraftPlanner::wantsGuess() const {
    // The first steps measure what one takes.
    return m_plainSeconds > 0 && m_stepsSincePlain < kPlainEvery && pays(m_any.chance(), m_guessSeconds);
}

bool DraftPlanner::take(const Guess& guess) {
    const double chance = m_records[static_cast<std::size_t>(guess.confidence)].chance();
    if (!pays(chance, 0))
        return false;
    m_reached *= chance;
    m_expected += m_reached;
    ++m_taken;
    return true;
}

void DraftPlanner::forgetSlowly() {
    const auto fade = [](Record& record) {
        record.made *= kIdleMemory;
        record.right *= kIdleMemory;
    };
    std::ranges::for_each(m_records, fade);
    fade(m_any);
    // A time that was disturbed must not keep guesses away for good.
    m_guessSeconds *= kIdleMemory;
    m_returnSeconds *= kIdleMemory;
    m_rowShare = kBelievedRowShare + kIdleMemory * (m_rowShare - kBelievedRowShare);
}

void DraftPlanner::record(const Step& step) {
    const auto count = static_cast<std::int32_t>(step.guesses.size());
    for (std::int32_t index = 0; index < count && index <= step.accepted; ++index) {
        const Guess& guess = step.guesses[static_cast<std::size_t>(index)];
        for (Record* record : {&m_records[static_cast<std::size_t>(guess.confidence)], &m_any}) {
            record->made = kMemory * record->made + 1;
            record->right = kMemory * record->right + (index < step.accepted ? 1 : 0);
        }
    }
    if (step.made > 0)
        blend(m_guessSeconds, step.guessSeconds / step.made);
    if (count == 0) {
        blend(m_plainSeconds, step.stepSeconds);
        m_stepsSincePlain = 0;
        forgetSlowly();
        return;
    }
    ++m_stepsSincePlain;
    if (m_plainSeconds > 0)
        blend(m_rowShare, std::clamp((step.stepSeconds / m_plainSeconds - 1) / count, kLeastRowShare, kMostRowShare));
    if (step.accepted < count)
        blend(m_returnSeconds, step.returnSeconds);
}

} // namespace hearth
