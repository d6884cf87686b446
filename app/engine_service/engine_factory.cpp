#include "app/engine_service/engine_service.h"
#include "engine/run/engine.h"

namespace hearth {

EngineFactory engineFactory() {
    return &Engine::load;
}

} // namespace hearth
