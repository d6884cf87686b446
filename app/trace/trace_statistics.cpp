#include "app/trace/trace_statistics.h"

#include <algorithm>
#include <cmath>

namespace hearth {

namespace {

/// Entropy of a layer's shares over the largest there can be: of all experts, or of as many as were chosen in all.
double balanceOf(const float* shares, int experts, int choices) {
    double entropy = 0;
    for (int expert = 0; expert < experts; ++expert)
        if (const double share = shares[expert]; share > 0)
            entropy -= share * std::log(share);
    const int most = std::min(experts, choices);
    return most > 1 ? std::min(entropy / std::log(static_cast<double>(most)), 1.0) : 1.0;
}

void addToken(const AnswerTrace& trace, int token, int layer, float* shares, int* counts) {
    const auto experts = trace.experts(token, layer);
    const auto parts = trace.shares(token, layer);
    for (std::size_t choice = 0; choice < experts.size(); ++choice) {
        if (experts[choice] == AnswerTrace::kDropped)
            continue;
        shares[experts[choice]] += static_cast<float>(parts[choice]);
        ++counts[experts[choice]];
    }
}

void finishLayer(ExpertLoad::Layer& layer, float* shares, const int* counts) {
    float sum = 0;
    int choices = 0;
    for (int expert = 0; expert < layer.experts; ++expert) {
        sum += shares[expert];
        choices += counts[expert];
        layer.active += counts[expert] > 0 ? 1 : 0;
    }
    if (choices == 0)
        return;
    for (int expert = 0; expert < layer.experts; ++expert)
        shares[expert] = sum > 0 ? shares[expert] / sum : 0.0F;
    layer.busiest = static_cast<int>(std::max_element(shares, shares + layer.experts) - shares);
    layer.balance = balanceOf(shares, layer.experts, choices);
}

} // namespace

double ExpertLoad::timesEven(int layer, int expert) const {
    return static_cast<double>(share(layer, expert)) * layers[static_cast<std::size_t>(layer)].experts;
}

double ExpertLoad::mostTimesEven() const {
    double most = 0;
    for (std::size_t layer = 0; layer < layers.size(); ++layer)
        if (layers[layer].busiest >= 0)
            most = std::max(most, timesEven(static_cast<int>(layer), layers[layer].busiest));
    return most;
}

ExpertLoad expertLoad(const AnswerTrace& trace, TokenRange range) {
    ExpertLoad load;
    for (const TracedLayer& layer : trace.shape().layers) {
        load.layers.push_back({layer.layer, layer.experts, layer.used, 0, -1, 0});
        load.columns = std::max(load.columns, layer.experts);
    }
    const auto columns = static_cast<std::size_t>(load.columns);
    load.shares.assign(load.layers.size() * columns, 0.0F);
    load.counts.assign(load.layers.size() * columns, 0);
    const int end = std::min(range.end, trace.tokenCount());
    for (int token = std::max(range.first, 0); token < end; ++token) {
        if (!trace.hasExperts(token))
            continue;
        ++load.tokens;
        for (std::size_t layer = 0; layer < load.layers.size(); ++layer)
            addToken(trace, token, static_cast<int>(layer), load.shares.data() + layer * columns,
                     load.counts.data() + layer * columns);
    }
    for (std::size_t layer = 0; layer < load.layers.size(); ++layer)
        finishLayer(load.layers[layer], load.shares.data() + layer * columns, load.counts.data() + layer * columns);
    return load;
}

TraceSummary summarise(const AnswerTrace& trace, TokenRange range, const ExpertLoad& load) {
    TraceSummary summary;
    double information = 0;
    const int end = std::min(range.end, trace.tokenCount());
    for (int token = std::max(range.first, 0); token < end; ++token) {
        ++summary.tokens;
        information -= std::log(std::max(static_cast<double>(trace.chosen(token).probability), 1e-12));
    }
    summary.perplexity = summary.tokens > 0 ? std::exp(information / summary.tokens) : 0;
    const TraceShape& shape = trace.shape();
    auto oneToken = static_cast<double>(shape.commonBytes);
    double all = oneToken;
    for (std::size_t layer = 0; layer < load.layers.size(); ++layer) {
        summary.experts += load.layers[layer].experts;
        summary.activeExperts += load.layers[layer].active;
        const auto bytes = static_cast<double>(shape.layers[layer].expertBytes);
        oneToken += bytes * load.layers[layer].used;
        all += bytes * load.layers[layer].active;
    }
    if (shape.weightBytes > 0) {
        summary.tokenShare = std::min(oneToken / static_cast<double>(shape.weightBytes), 1.0);
        summary.answerShare = std::min(all / static_cast<double>(shape.weightBytes), 1.0);
    }
    return summary;
}

double surprise(float probability) {
    constexpr float kLeast = 0.01F;
    return std::log(std::clamp(probability, kLeast, 1.0F)) / std::log(kLeast);
}

double sharedExperts(const AnswerTrace& trace, int one, int other) {
    if (!trace.hasExperts(one) || !trace.hasExperts(other))
        return 0;
    int same = 0;
    int choices = 0;
    for (int layer = 0; layer < static_cast<int>(trace.shape().layers.size()); ++layer) {
        const auto mine = trace.experts(one, layer);
        const auto theirs = trace.experts(other, layer);
        for (const quint16 expert : mine) {
            if (expert == AnswerTrace::kDropped)
                continue;
            ++choices;
            same += std::find(theirs.begin(), theirs.end(), expert) != theirs.end() ? 1 : 0;
        }
    }
    return choices > 0 ? static_cast<double>(same) / choices : 0;
}

std::vector<ExpertUse> tokensOfExpert(const AnswerTrace& trace, TokenRange range, int layer, int expert, int count) {
    std::vector<ExpertUse> uses;
    const int end = std::min(range.end, trace.tokenCount());
    for (int token = std::max(range.first, 0); token < end; ++token) {
        const auto experts = trace.experts(token, layer);
        const auto found = std::find(experts.begin(), experts.end(), static_cast<quint16>(expert));
        if (found != experts.end())
            uses.push_back({token, trace.shares(token, layer)[static_cast<std::size_t>(found - experts.begin())]});
    }
    std::stable_sort(uses.begin(), uses.end(),
                     [](const ExpertUse& a, const ExpertUse& b) { return a.share > b.share; });
    uses.resize(std::min(uses.size(), static_cast<std::size_t>(std::max(count, 0))));
    return uses;
}

} // namespace hearth
