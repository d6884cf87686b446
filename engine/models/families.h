#pragma once

#include "engine/models/model_family.h"

namespace hearth {

// One line a family; each is defined in the file of its name.
extern const ModelFamily kBertFamily;
extern const ModelFamily kDeepseekFamily;
extern const ModelFamily kDeepseek2Family;
extern const ModelFamily kDeepseek32Family;
extern const ModelFamily kGemma2Family;
extern const ModelFamily kGemma3Family;
extern const ModelFamily kGemma4Family;
extern const ModelFamily kGlm4MoeFamily;
extern const ModelFamily kGptOssFamily;
extern const ModelFamily kGraniteFamily;
extern const ModelFamily kGraniteMoeFamily;
extern const ModelFamily kJinaBertV2Family;
extern const ModelFamily kJinaBertV3Family;
extern const ModelFamily kLfm2Family;
extern const ModelFamily kLfm2MoeFamily;
extern const ModelFamily kLlamaFamily;
extern const ModelFamily kNomicBertFamily;
extern const ModelFamily kNomicBertMoeFamily;
extern const ModelFamily kOlmoeFamily;
extern const ModelFamily kPhi3Family;
extern const ModelFamily kQwen2Family;
extern const ModelFamily kQwen2MoeFamily;
extern const ModelFamily kQwen3Family;
extern const ModelFamily kQwen3MoeFamily;
extern const ModelFamily kQwen3NextFamily;
extern const ModelFamily kQwen3VlMoeFamily;
extern const ModelFamily kQwen35Family;
extern const ModelFamily kQwen35MoeFamily;

} // namespace hearth
