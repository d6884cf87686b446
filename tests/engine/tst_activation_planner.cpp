#include "engine/program/activation_planner.h"

#include <QTest>

using namespace hearth;

namespace {

/// A chain: op i reads buffer i and writes buffer i + 1.
Program chain(std::int32_t length, std::int32_t columns) {
    Program program;
    program.maxRows = 4;
    for (std::int32_t buffer = 0; buffer <= length; ++buffer)
        program.buffers.push_back({"b" + std::to_string(buffer), columns, DType::F32});
    for (std::int32_t op = 0; op < length; ++op)
        program.ops.push_back(GateUp{.in = op, .out = op + 1});
    return program;
}

} // namespace

class TestActivationPlanner : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void buffersThatNeverMeetShareBytes() {
        const Program program = chain(10, 32);
        const ActivationPlan plan = planActivations(program);
        QCOMPARE(plan.sizeBytes, std::size_t{2 * 4 * 32 * 4}); // two at a time
    }

    void buffersThatLiveTogetherNeverOverlap() {
        Program program = chain(12, 17);
        for (std::size_t buffer = 0; buffer < program.buffers.size(); ++buffer)
            program.buffers[buffer].columns = 1 + static_cast<std::int32_t>(buffer * 37 % 101);
        program.ops.push_back(ProjectResidual{.in = 12, .residual = 0}); // buffer 0 lives throughout
        const ActivationPlan plan = planActivations(program);
        const auto end = [&](std::size_t buffer) {
            return plan.offsets[buffer] + 4 * rowBytes(DType::F32, program.buffers[buffer].columns);
        };
        for (std::size_t buffer = 0; buffer + 1 < program.buffers.size(); ++buffer) {
            QVERIFY(end(buffer) <= plan.offsets[buffer + 1] || end(buffer + 1) <= plan.offsets[buffer]);
            if (buffer > 0)
                QVERIFY(end(buffer) <= plan.offsets[0] || end(0) <= plan.offsets[buffer]);
        }
    }

    void offsetsAreAlignedAndInside() {
        Program program = chain(5, 33);
        const ActivationPlan plan = planActivations(program);
        for (std::size_t buffer = 0; buffer < program.buffers.size(); ++buffer) {
            QCOMPARE(plan.offsets[buffer] % 64, std::size_t{0});
            QVERIFY(plan.offsets[buffer] + 4 * rowBytes(DType::F32, 33) <= plan.sizeBytes);
        }
    }

    void outputIsPlannedForItsOwnRows() {
        Program program = chain(1, 1000);
        program.maxRows = 512;
        program.maxOutputRows = 1;
        program.buffers[0].columns = 16;
        program.output = 1;
        QVERIFY(planActivations(program).sizeBytes < std::size_t{512 * 16 * 4 + 2 * 4096});
    }
};

QTEST_GUILESS_MAIN(TestActivationPlanner)
#include "tst_activation_planner.moc"
