#include "app/settings/sampler_json.h"

#include <QJsonArray>

#include <array>
#include <cmath>
#include <utility>

using namespace Qt::Literals::StringLiterals;

namespace hearth {

namespace {

struct FloatField {
    QLatin1StringView name;
    float SamplerSettings::*member;
    double low;
    double high;
};
struct IntField {
    QLatin1StringView name;
    std::int32_t SamplerSettings::*member;
    int low;
    int high;
};

constexpr std::array kFloats{
    FloatField{"temperature"_L1, &SamplerSettings::temperature, 0, 5},
    FloatField{"topP"_L1, &SamplerSettings::topP, 0, 1},
    FloatField{"minP"_L1, &SamplerSettings::minP, 0, 1},
    FloatField{"typicalP"_L1, &SamplerSettings::typicalP, 0, 1},
    FloatField{"repetitionPenalty"_L1, &SamplerSettings::repetitionPenalty, 0.1, 10},
    FloatField{"frequencyPenalty"_L1, &SamplerSettings::frequencyPenalty, -10, 10},
    FloatField{"presencePenalty"_L1, &SamplerSettings::presencePenalty, -10, 10},
    FloatField{"dryMultiplier"_L1, &SamplerSettings::dryMultiplier, 0, 10},
    FloatField{"dryBase"_L1, &SamplerSettings::dryBase, 1, 10},
};
constexpr std::array kInts{
    IntField{"topK"_L1, &SamplerSettings::topK, 0, 1'000'000},
    IntField{"penaltyWindow"_L1, &SamplerSettings::penaltyWindow, -1, 1'000'000},
    IntField{"dryAllowedLength"_L1, &SamplerSettings::dryAllowedLength, 1, 1000},
};

} // namespace

QJsonObject toJson(const SamplerSettings& sampler) {
    QJsonObject json;
    for (const FloatField& field : kFloats) {
        // The shortest decimal that reads back as the same float: 0.7, not 0.699999988.
        json.insert(field.name, QString::number(sampler.*field.member, 'g', 7).toDouble());
    }
    for (const IntField& field : kInts)
        json.insert(field.name, sampler.*field.member);
    QJsonArray breakers;
    for (const std::string& breaker : sampler.dryBreakers)
        breakers.append(QString::fromStdString(breaker));
    json.insert("dryBreakers"_L1, breakers);
    return json;
}

SamplerSettings samplerFromJson(const QJsonObject& json, SamplerSettings otherwise) {
    SamplerSettings sampler = std::move(otherwise);
    for (const FloatField& field : kFloats) {
        const double value = json.value(field.name).toDouble(std::nan(""));
        if (value >= field.low && value <= field.high)
            sampler.*field.member = static_cast<float>(value);
    }
    for (const IntField& field : kInts) {
        const int value = json.value(field.name).toInt(field.low - 1);
        if (value >= field.low && value <= field.high)
            sampler.*field.member = value;
    }
    const QJsonValue breakers = json.value("dryBreakers"_L1);
    if (breakers.isArray()) {
        sampler.dryBreakers.clear();
        for (const QJsonValue breaker : breakers.toArray())
            sampler.dryBreakers.push_back(breaker.toString().toStdString());
    }
    return sampler;
}

} // namespace hearth
