#include "kernels/reference/linear.h"
#include "kernels/reference/norm.h"
#include "kernels/reference/ops.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace hearth::reference {

namespace {

constexpr double kSmallestSum = 1.0 / 16384; // 2^-14: what the chosen probabilities are at least divided by

void softmax(std::span<double> values) {
    const double largest = *std::ranges::max_element(values);
    double sum = 0;
    for (double& value : values) {
        value = std::exp(value - largest);
        sum += value;
    }
    for (double& value : values)
        value /= sum;
}

void toProbabilities(Gating gating, std::span<double> scores) {
    if (gating == Gating::Softmax)
        softmax(scores);
    if (gating == Gating::Sigmoid)
        for (double& score : scores)
            score = 1.0 / (1.0 + std::exp(-score));
}

/// The `count` highest of `values`, highest first; among equals the lower index.
std::vector<std::size_t> highest(std::span<const double> values, std::size_t count) {
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return values[a] > values[b]; });
    order.resize(count);
    return order;
}

/// Experts outside the best groups can no longer be chosen. A group counts as the sum of its two best.
void keepBestGroups(const RouteExperts& op, std::span<double> selection) {
    const std::size_t size = selection.size() / static_cast<std::size_t>(op.groups);
    std::vector<double> groupScores;
    for (std::size_t start = 0; start < selection.size(); start += size) {
        const std::span<const double> group = selection.subspan(start, size);
        double sum = 0;
        for (const std::size_t index : highest(group, std::min<std::size_t>(2, size)))
            sum += group[index];
        groupScores.push_back(sum);
    }
    std::vector<bool> kept(groupScores.size(), false);
    for (const std::size_t group : highest(groupScores, static_cast<std::size_t>(op.groupsUsed)))
        kept[group] = true;
    for (std::size_t expert = 0; expert < selection.size(); ++expert)
        if (!kept[expert / size])
            selection[expert] = -std::numeric_limits<double>::infinity();
}

void normalise(std::span<double> weights) {
    const double sum = std::max(kSmallestSum, std::accumulate(weights.begin(), weights.end(), 0.0));
    for (double& weight : weights)
        weight /= sum;
}

/// Beyond those that reach `share` of all weights, in falling order, weights become 0 and are marked.
void dropRest(double share, std::span<double> weights, std::vector<bool>& dropped) {
    const double wanted = share * std::accumulate(weights.begin(), weights.end(), 0.0);
    double reached = 0;
    for (const std::size_t place : highest(weights, weights.size())) {
        dropped[place] = reached >= wanted;
        reached += weights[place];
        weights[place] = dropped[place] ? 0.0 : weights[place];
    }
}

void chooseExperts(const RouteExperts& op, std::span<double> scores, std::span<const double> bias,
                   std::span<std::int32_t> ids, std::span<float> out) {
    toProbabilities(op.gating, scores);
    std::vector<double> selection(scores.begin(), scores.end());
    for (std::size_t expert = 0; expert < selection.size(); ++expert)
        selection[expert] += bias[expert];
    if (op.groups > 1)
        keepBestGroups(op, selection);
    const std::vector<std::size_t> chosen = highest(selection, ids.size());

    std::vector<double> weights;
    for (const std::size_t expert : chosen)
        weights.push_back(scores[expert]);
    if (op.gating == Gating::SoftmaxOfChosen)
        softmax(weights);
    std::vector<bool> dropped(weights.size(), false);
    if (op.keepShare < 1.0F)
        dropRest(op.keepShare, weights, dropped);
    if (op.normalise == Normalise::Yes)
        normalise(weights);
    for (std::size_t place = 0; place < chosen.size(); ++place) {
        ids[place] = dropped[place] ? -1 : static_cast<std::int32_t>(chosen[place]);
        out[place] = static_cast<float>(weights[place] * op.weightScale);
    }
}

} // namespace

void run(const RouteExperts& op, const Step& step) {
    Matrix in = step.load(op.in);
    Normaliser(step.program, op.norm, in.columns).apply(in);
    for (double& value : in.values)
        value *= op.inputScale;
    Matrix scores = applyLinear(step, op.router, in);
    const std::vector<double> bias = vectorOr(step.program, op.selectionBias, scores.columns, 0.0);
    for (std::int32_t row = 0; row < step.rows(); ++row)
        chooseExperts(op, scores.row(row), bias, step.ids(op.ids, row), step.row(op.weights, row));
}

} // namespace hearth::reference
