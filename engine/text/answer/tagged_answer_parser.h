#pragma once

#include "engine/text/answer/answer_parser.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth {

/// Formats with markers around reasoning and calls, and the answer between them. Thread: one.
class TaggedAnswerParser final : public AnswerParser {
public:
    TaggedAnswerParser(AnswerFormat format, AnswerStart start, ToolsOffered tools);

    void push(std::string_view bytes, std::vector<AnswerPiece>& output) override;
    void pushControl(std::string_view token, std::vector<AnswerPiece>& output) override;
    void finish(std::vector<AnswerPiece>& output) override;
    [[nodiscard]] AnswerPart part() const override {
        return m_mode == Mode::Reasoning ? AnswerPart::Reasoning : AnswerPart::Text;
    }

private:
    enum class Mode : std::uint8_t { Text, Reasoning, Calls };
    enum class Marker : std::uint8_t { ReasoningOpen, ReasoningClose, AnswerOpen, AnswerClose, CallsOpen, BareCall };
    struct Found {
        Marker marker;
        std::size_t begin;
        std::size_t end;
    };

    [[nodiscard]] std::vector<std::pair<Marker, std::string_view>> markers() const;
    [[nodiscard]] std::optional<Found> findMarker() const;
    [[nodiscard]] std::size_t undecidedBytes() const;
    [[nodiscard]] bool beginsBareCall() const;
    /// Each does one thing with the buffer; false if more bytes are needed.
    bool advancePlain(std::vector<AnswerPiece>& output);
    bool advanceCalls(std::vector<AnswerPiece>& output);
    bool closeCalls(std::size_t payload, std::size_t behind, std::vector<AnswerPiece>& output);
    void trimFront();
    void enter(const Found& found);
    void emit(std::string_view text, std::vector<AnswerPiece>& output);

    const AnswerFormat m_format;
    const bool m_tools;
    Mode m_mode;
    std::string m_buffer;      ///< not yet given away
    std::size_t m_payload = 0; ///< where the calls begin in it: behind their marker
    std::size_t m_scanned = 0; ///< where to look for the end of the calls
    bool m_bareCall = false;
    bool m_trimFront = false; ///< white space that comes next belongs to a marker
    bool m_anyText = false;   ///< of the answer: reasoning cannot begin any more, nor a bare call
};

} // namespace hearth
