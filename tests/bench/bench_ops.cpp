// Times a model's programs op by op on the CPU backend and prints JSON: tokens per second, and for each kind of op its
// seconds, GB/s and the fraction of the read bandwidth that the same threads reach on plain memory.
//   bench_ops MODEL.gguf [--threads N] [--isa scalar|avx2|avx512] [--prompt N] [--gen N] [--depth N] [--runs N]
//             [--kv f32|f16|q8_0|q4_0] [--clock wall|cpu] [--check ROWS]
//             [--competitors N]
// --competitors measures decoding alone and beside N processes that never sleep, and says how much of its fair share of
// the cores it kept. --clock cpu counts the processor time of this process instead (with one thread: for machines that
// others use too).
// --check compares the logits of a prompt of ROWS tokens, whole and token by token, with the reference backend.

#include "engine/gguf/gguf_file.h"
#include "engine/models/model_family.h"
#include "kernels/cpu/compute_pool.h"
#include "kernels/cpu/cpu_backend.h"
#include "kernels/reference/reference_backend.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include <csignal>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace hearth {

namespace {

using Clock = std::chrono::steady_clock;

bool countsProcessorTime = false;

/// Seconds of the chosen clock.
double now() {
    if (!countsProcessorTime)
        return std::chrono::duration<double>(Clock::now().time_since_epoch()).count();
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

struct Arguments {
    std::string model;
    std::int32_t threads = 0;
    std::optional<CpuIsa> isa;
    std::int32_t prompt = 512;
    std::int32_t generated = 64;
    std::int32_t depth = 0;
    std::int32_t runs = 3;
    DType cacheType = DType::F16;
    std::int32_t check = 0;
    std::int32_t competitors = 0;
};

std::optional<DType> cacheTypeOf(std::string name) {
    std::ranges::transform(name, name.begin(), [](char c) { return static_cast<char>(std::toupper(c)); });
    for (const DTypeInfo& info : allDTypes())
        if (info.name == name)
            return info.dtype;
    return std::nullopt;
}

std::optional<Arguments> parse(int count, char** values) {
    Arguments arguments;
    for (int index = 1; index < count; ++index) {
        const std::string name = values[index];
        if (name.rfind("--", 0) != 0) {
            arguments.model = name;
            continue;
        }
        if (++index == count)
            return std::nullopt;
        const std::string value = values[index];
        const std::map<std::string, std::int32_t*> numbers{{"--threads", &arguments.threads},
                                                           {"--prompt", &arguments.prompt},
                                                           {"--gen", &arguments.generated},
                                                           {"--depth", &arguments.depth},
                                                           {"--runs", &arguments.runs},
                                                           {"--check", &arguments.check},
                                                           {"--competitors", &arguments.competitors}};
        if (const auto found = numbers.find(name); found != numbers.end())
            *found->second = std::atoi(value.c_str());
        else if (name == "--clock")
            countsProcessorTime = value == "cpu";
        else if (name == "--isa")
            arguments.isa = value == "scalar" ? CpuIsa::Scalar : value == "avx2" ? CpuIsa::Avx2 : CpuIsa::Avx512;
        else if (const auto type = cacheTypeOf(value); name == "--kv" && type)
            arguments.cacheType = *type;
        else
            return std::nullopt;
    }
    return arguments.model.empty() ? std::nullopt : std::optional(arguments);
}

double median(std::vector<double> values) {
    std::ranges::sort(values);
    return values.empty() ? 0 : values[values.size() / 2];
}

/// Sums a buffer that no cache holds, in chunks like those of the kernels.
class ReadWork final : public PhasedWork {
public:
    explicit ReadWork(const std::vector<std::uint64_t>& memory) : m_memory(memory) {}
    std::int32_t beginPhase(std::int32_t phase) override {
        return phase == 0 ? static_cast<std::int32_t>(m_memory.size() / kWords) : kNoMorePhases;
    }
    void runChunk(std::int32_t, std::int32_t chunk, std::int32_t) override {
        const std::uint64_t* words = m_memory.data() + static_cast<std::size_t>(chunk) * kWords;
        m_sink.fetch_add(std::accumulate(words, words + kWords, std::uint64_t{0}), std::memory_order_relaxed);
    }

private:
    static constexpr std::size_t kWords = 8192;
    const std::vector<std::uint64_t>& m_memory;
    std::atomic<std::uint64_t> m_sink{0};
};

double readBandwidth(std::int32_t threads) {
    constexpr std::size_t kWords = std::size_t{32} << 20;
    const std::vector<std::uint64_t> memory(kWords, 1);
    ComputePool pool(threads);
    double best = 0;
    for (int run = 0; run < 4; ++run) {
        ReadWork work(memory);
        const double start = now();
        pool.run(work);
        best = std::max(best, 8.0 * kWords / (now() - start));
    }
    return best;
}

/// One compiled model with one sequence in its cache.
class Runner {
public:
    static Result<std::unique_ptr<Runner>> create(const GgufFile& file, std::unique_ptr<Backend> backend,
                                                  std::int32_t tokens, std::int32_t chunk, DType cacheType,
                                                  Timing timing) {
        HEARTH_TRY(const ModelFamily* const family, familyOf(file));
        HEARTH_TRY(const ModelSpec spec, family->describe(file));
        auto runner = std::make_unique<Runner>();
        runner->m_backend = std::move(backend);
        HEARTH_TRY(Program decode, buildDecoder(file, *family, spec, {8, 8, cacheType}));
        HEARTH_TRY(Program prefill, buildDecoder(file, *family, spec, {chunk, chunk, cacheType}));
        const std::int32_t pages = tokens / kPageTokens + 1;
        HEARTH_TRY(runner->m_pool, runner->m_backend->allocateCache({decode.caches, pages, {}, 0}));
        runner->m_vocabulary = spec.vocabulary;
        runner->m_program = decode;
        HEARTH_TRY(runner->m_decode, runner->m_backend->compile(std::move(decode), runner->m_pool.get(), {timing}));
        HEARTH_TRY(runner->m_prefill, runner->m_backend->compile(std::move(prefill), runner->m_pool.get(), {timing}));
        runner->m_pages.resize(static_cast<std::size_t>(pages));
        std::iota(runner->m_pages.begin(), runner->m_pages.end(), 0);
        return runner;
    }

    /// Seconds of one step of `rows` rows at slot `start`.
    Result<double> step(std::int32_t start, std::int32_t rows, std::int32_t outputs) {
        m_tokens.resize(static_cast<std::size_t>(rows));
        m_positions.resize(m_tokens.size());
        m_outputs.resize(static_cast<std::size_t>(outputs));
        for (std::int32_t row = 0; row < rows; ++row) {
            m_tokens[static_cast<std::size_t>(row)] = (start + row) * 7919 % m_vocabulary;
            m_positions[static_cast<std::size_t>(row)] = start + row;
        }
        std::iota(m_outputs.begin(), m_outputs.end(), rows - outputs);
        Executable& executable = rows == 1 ? *m_decode : *m_prefill;
        const double before = now();
        HEARTH_CHECK(executable.enqueue({m_tokens, {}, m_positions, m_pages, start, m_outputs}));
        HEARTH_CHECK(executable.wait({}));
        m_last = &executable;
        return now() - before;
    }
    [[nodiscard]] const Executable& last() const { return *m_last; }
    [[nodiscard]] const Program& program() const { return m_program; }
    [[nodiscard]] const Backend& backend() const { return *m_backend; }

private:
    std::unique_ptr<Backend> m_backend;
    std::unique_ptr<CachePool> m_pool;
    std::unique_ptr<Executable> m_decode;
    std::unique_ptr<Executable> m_prefill;
    Program m_program;
    const Executable* m_last = nullptr;
    std::int32_t m_vocabulary = 0;
    std::vector<std::int32_t> m_pages;
    std::vector<std::int32_t> m_tokens;
    std::vector<std::int32_t> m_positions;
    std::vector<std::int32_t> m_outputs;
};

struct OpSum {
    double seconds = 0;
    double least = 0;
    OpCost cost;
};

/// Seconds of each kind of op: the median of several steps, and the least of each op, which is what it takes when
/// nothing else runs.
Status printOps(const char* name, Runner& runner, std::int32_t steps, std::int32_t start, std::int32_t rows,
                double bandwidth) {
    std::vector<std::vector<double>> seconds(runner.program().ops.size());
    std::vector<OpCost> costs(seconds.size());
    for (std::int32_t step = 0; step < steps; ++step) {
        HEARTH_TRY([[maybe_unused]] const double all, runner.step(start, rows, 1));
        for (const OpTiming& timing : runner.last().timings()) {
            seconds[static_cast<std::size_t>(timing.op)].push_back(timing.seconds);
            costs[static_cast<std::size_t>(timing.op)] = timing.cost;
        }
    }
    std::map<std::string, OpSum> sums;
    for (std::size_t op = 0; op < seconds.size(); ++op) {
        OpSum& sum = sums[std::string(opName(runner.program().ops[op]))];
        sum.seconds += median(seconds[op]);
        sum.least += *std::ranges::min_element(seconds[op]);
        sum.cost.bytes += costs[op].bytes;
        sum.cost.flops += costs[op].flops;
    }
    std::printf("  \"%s\": {\n", name);
    std::size_t left = sums.size();
    for (const auto& [op, sum] : sums)
        std::printf("    \"%s\": {\"us\": %.1f, \"leastUs\": %.1f, \"GB/s\": %.2f, \"ofBandwidth\": %.2f, "
                    "\"GFLOP/s\": %.1f}%s\n",
                    op.c_str(), 1e6 * sum.seconds, 1e6 * sum.least, 1e-9 * sum.cost.bytes / sum.seconds,
                    sum.cost.bytes / sum.seconds / bandwidth, 1e-9 * sum.cost.flops / sum.seconds,
                    --left > 0 ? "," : "");
    std::printf("  },\n");
    return {};
}

Status bench(const Arguments& arguments, const GgufFile& file) {
    const std::int32_t tokens = arguments.depth + arguments.prompt + arguments.generated + 64;
    const CpuOptions options{arguments.threads, arguments.isa};
    HEARTH_TRY(const auto runner, Runner::create(file, createCpuBackend(options), tokens,
                                                 std::max(arguments.prompt, 16), arguments.cacheType, Timing::Off));
    HEARTH_TRY(const auto timed, Runner::create(file, createCpuBackend(options), tokens, std::max(arguments.prompt, 16),
                                                arguments.cacheType, Timing::PerOp));
    const std::int32_t threads = arguments.threads > 0 ? arguments.threads : 2;
    const double before = readBandwidth(threads);
    std::vector<double> prompts;
    std::vector<double> tokensSeconds;
    for (std::int32_t run = 0; run < arguments.runs; ++run) {
        HEARTH_TRY(const double seconds, runner->step(0, arguments.prompt, 1));
        prompts.push_back(seconds);
        double sum = 0;
        for (std::int32_t token = 0; token < arguments.generated; ++token) {
            HEARTH_TRY(const double one, runner->step(arguments.depth + token, 1, 1));
            sum += one;
        }
        tokensSeconds.push_back(sum / std::max(arguments.generated, 1));
    }
    const double bandwidth = std::max(before, readBandwidth(threads));
    const std::int32_t cacheTokens = arguments.depth + arguments.generated / 2;
    double bytes = 0;
    for (const Op& op : runner->program().ops)
        bytes += costOf(runner->program(), op, 1, cacheTokens).bytes;
    const double decode = median(tokensSeconds);
    std::printf("{\n  \"device\": \"%s\",\n  \"readGBs\": %.1f,\n", runner->backend().device().name.c_str(),
                1e-9 * bandwidth);
    HEARTH_CHECK(printOps("promptOps", *timed, 2 * arguments.runs, 0, arguments.prompt, bandwidth));
    HEARTH_CHECK(printOps("decodeOps", *timed, 10 * arguments.runs, arguments.depth, 1, bandwidth));
    std::printf("  \"promptTokensPerSecond\": %.1f,\n  \"bestPromptTokensPerSecond\": %.1f,\n"
                "  \"decodeTokensPerSecond\": %.1f,\n  \"bestDecodeTokensPerSecond\": %.1f,\n"
                "  \"decodeGBs\": %.2f,\n  \"decodeOfBandwidth\": %.2f\n}\n",
                arguments.prompt / median(prompts), arguments.prompt / *std::ranges::min_element(prompts), 1.0 / decode,
                1.0 / *std::ranges::min_element(tokensSeconds), 1e-9 * bytes / decode, bytes / decode / bandwidth);
    return {};
}

/// Child processes that compute without end, as long as the object lives.
class BusyProcesses {
public:
    explicit BusyProcesses(std::int32_t count) {
        for (std::int32_t index = 0; index < count; ++index) {
            const pid_t child = fork();
            if (child == 0) {
                prctl(PR_SET_PDEATHSIG, SIGKILL);
                for (volatile std::uint64_t number = 1;;)
                    number = number * 3 + 1;
            }
            if (child > 0)
                m_children.push_back(child);
        }
    }
    BusyProcesses(const BusyProcesses&) = delete;
    BusyProcesses& operator=(const BusyProcesses&) = delete;
    ~BusyProcesses() {
        for (const pid_t child : m_children) {
            kill(child, SIGKILL);
            waitpid(child, nullptr, 0);
        }
    }

private:
    std::vector<pid_t> m_children;
};

Result<double> decodeRate(Runner& runner, const Arguments& arguments) {
    std::vector<double> rates;
    for (std::int32_t run = 0; run < arguments.runs; ++run) {
        const double start = now();
        for (std::int32_t token = 0; token < arguments.generated; ++token) {
            HEARTH_TRY([[maybe_unused]] const double seconds, runner.step(arguments.depth + token, 1, 1));
        }
        rates.push_back(arguments.generated / (now() - start));
    }
    return median(rates);
}

Status benchSharing(const Arguments& arguments, const GgufFile& file) {
    const std::int32_t cores = static_cast<std::int32_t>(std::thread::hardware_concurrency());
    const std::int32_t threads = arguments.threads > 0 ? arguments.threads : cores;
    HEARTH_TRY(const auto runner,
               Runner::create(file, createCpuBackend({threads, arguments.isa}),
                              arguments.depth + arguments.generated + 64, 16, arguments.cacheType, Timing::Off));
    HEARTH_TRY(const double alone, decodeRate(*runner, arguments));
    const BusyProcesses others(arguments.competitors);
    HEARTH_TRY(const double shared, decodeRate(*runner, arguments));
    // Each thread that wants to run gets an equal part of the cores, but no more than one.
    const double wanted = std::min(threads, cores);
    const double fair = threads * std::min(1.0, static_cast<double>(cores) / (threads + arguments.competitors));
    std::printf("{\"device\": \"%s\", \"competitors\": %d, \"alone\": %.1f, \"shared\": %.1f, \"fair\": %.1f, "
                "\"ofFairShare\": %.2f}\n",
                runner->backend().device().name.c_str(), arguments.competitors, alone, shared, alone * fair / wanted,
                shared * wanted / (alone * fair));
    return {};
}

/// rms(got - expected) / std(expected)
double distance(const std::vector<float>& expected, const std::vector<float>& got) {
    double mean = 0;
    for (const float value : expected)
        mean += value / static_cast<double>(expected.size());
    double spread = 0;
    double difference = 0;
    for (std::size_t index = 0; index < expected.size(); ++index) {
        spread += (expected[index] - mean) * (expected[index] - mean);
        difference += std::pow(static_cast<double>(got[index]) - expected[index], 2);
    }
    return std::sqrt(difference / spread);
}

Result<std::vector<float>> logitsOf(Runner& runner, std::int32_t rows, bool whole) {
    std::vector<float> logits;
    for (std::int32_t row = 0; row < (whole ? 1 : rows); ++row) {
        HEARTH_TRY(const double seconds, runner.step(row, whole ? rows : 1, whole ? rows : 1));
        static_cast<void>(seconds);
        logits.insert(logits.end(), runner.last().output().begin(), runner.last().output().end());
    }
    return logits;
}

Status check(const Arguments& arguments, const GgufFile& file) {
    const std::int32_t rows = arguments.check;
    HEARTH_TRY(const auto reference,
               Runner::create(file, createReferenceBackend(), rows, rows, arguments.cacheType, Timing::Off));
    HEARTH_TRY(const auto cpu, Runner::create(file, createCpuBackend({arguments.threads, arguments.isa}), rows, rows,
                                              arguments.cacheType, Timing::Off));
    HEARTH_TRY(const auto expected, logitsOf(*reference, rows, true));
    HEARTH_TRY(const auto prompt, logitsOf(*cpu, rows, true));
    HEARTH_TRY(const auto decode, logitsOf(*cpu, rows, false));
    std::printf("{\"device\": \"%s\", \"promptDistance\": %.3g, \"decodeDistance\": %.3g, \"promptToDecode\": %.3g}\n",
                cpu->backend().device().name.c_str(), distance(expected, prompt), distance(expected, decode),
                distance(prompt, decode));
    return {};
}

Status run(const Arguments& arguments) {
    HEARTH_TRY(const auto file, GgufFile::open(arguments.model));
    if (arguments.competitors > 0)
        return benchSharing(arguments, *file);
    return arguments.check > 0 ? check(arguments, *file) : bench(arguments, *file);
}

} // namespace

} // namespace hearth

int main(int count, char** values) {
    const auto arguments = hearth::parse(count, values);
    if (!arguments) {
        std::fprintf(stderr,
                     "usage: bench_ops MODEL.gguf [--threads N] [--isa scalar|avx2|avx512] [--prompt N] [--gen N]"
                     " [--depth N] [--runs N] [--kv TYPE] [--clock wall|cpu] [--check ROWS] [--competitors N]\n");
        return 2;
    }
    const hearth::Status status = hearth::run(*arguments);
    if (!status)
        std::fprintf(stderr, "%s\n", status.error().message.c_str());
    return status ? 0 : 1;
}
