#pragma once

namespace hearth::ui {

/// Lengths of the whole program in device independent pixels, on a grid of 4.
struct Metrics {
    static constexpr int kHair = 1;
    static constexpr int kSpace1 = 4;
    static constexpr int kSpace2 = 8;
    static constexpr int kSpace3 = 12;
    static constexpr int kSpace4 = 16;
    static constexpr int kSpace6 = 24;
    static constexpr int kSpace8 = 32;
    static constexpr int kSpace12 = 48;

    static constexpr int kRadiusSmall = 4;  ///< inline code, marks, check boxes
    static constexpr int kRadius = 8;       ///< buttons, fields, list rows, code blocks, bubbles
    static constexpr int kRadiusLarge = 12; ///< cards, the composer, popups

    static constexpr int kIcon = 16;
    static constexpr int kIconLarge = 20;
    static constexpr int kControl = 32;       ///< height of a button or a field at font scale 1
    static constexpr int kFocusWidth = 2;     ///< width of the ring around the focused control
    static constexpr int kScrollBar = 12;     ///< its thumb is 6 wide
    static constexpr int kReadingWidth = 760; ///< widest column of text in the conversation
    static constexpr int kSideBarWidth = 272;
    static constexpr int kSideBarMinimum = 200;
    static constexpr int kPaneMinimum = 320;

    static constexpr int kMotionMs = 140; ///< length of every animation
};

} // namespace hearth::ui
