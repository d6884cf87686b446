#include "ui/markdown/entity.h"

#include <QChar>

#include <algorithm>
#include <array>

namespace hearth::ui {
namespace {

struct NamedEntity {
    const char* name;
    char16_t character;
};

constexpr std::array kNamedEntities = {
    NamedEntity{"AMP", u'&'},      NamedEntity{"Delta", 0x0394},   NamedEntity{"Gamma", 0x0393},
    NamedEntity{"Lambda", 0x039B}, NamedEntity{"Omega", 0x03A9},   NamedEntity{"Phi", 0x03A6},
    NamedEntity{"Pi", 0x03A0},     NamedEntity{"Psi", 0x03A8},     NamedEntity{"Sigma", 0x03A3},
    NamedEntity{"Theta", 0x0398},  NamedEntity{"alpha", 0x03B1},   NamedEntity{"amp", u'&'},
    NamedEntity{"apos", u'\''},    NamedEntity{"ast", u'*'},       NamedEntity{"beta", 0x03B2},
    NamedEntity{"bull", 0x2022},   NamedEntity{"cent", 0x00A2},    NamedEntity{"chi", 0x03C7},
    NamedEntity{"copy", 0x00A9},   NamedEntity{"deg", 0x00B0},     NamedEntity{"delta", 0x03B4},
    NamedEntity{"divide", 0x00F7}, NamedEntity{"dollar", u'$'},    NamedEntity{"emsp", 0x2003},
    NamedEntity{"ensp", 0x2002},   NamedEntity{"epsilon", 0x03B5}, NamedEntity{"eta", 0x03B7},
    NamedEntity{"euro", 0x20AC},   NamedEntity{"frac12", 0x00BD},  NamedEntity{"gamma", 0x03B3},
    NamedEntity{"ge", 0x2265},     NamedEntity{"gt", u'>'},        NamedEntity{"half", 0x00BD},
    NamedEntity{"harr", 0x2194},   NamedEntity{"hellip", 0x2026},  NamedEntity{"infin", 0x221E},
    NamedEntity{"int", 0x222B},    NamedEntity{"kappa", 0x03BA},   NamedEntity{"lambda", 0x03BB},
    NamedEntity{"laquo", 0x00AB},  NamedEntity{"larr", 0x2190},    NamedEntity{"lbrace", u'{'},
    NamedEntity{"lbrack", u'['},   NamedEntity{"ldquo", 0x201C},   NamedEntity{"le", 0x2264},
    NamedEntity{"lowbar", u'_'},   NamedEntity{"lpar", u'('},      NamedEntity{"lsquo", 0x2018},
    NamedEntity{"lt", u'<'},       NamedEntity{"mdash", 0x2014},   NamedEntity{"micro", 0x00B5},
    NamedEntity{"middot", 0x00B7}, NamedEntity{"minus", 0x2212},   NamedEntity{"mu", 0x03BC},
    NamedEntity{"nbsp", 0x00A0},   NamedEntity{"ndash", 0x2013},   NamedEntity{"ne", 0x2260},
    NamedEntity{"num", u'#'},      NamedEntity{"nu", 0x03BD},      NamedEntity{"omega", 0x03C9},
    NamedEntity{"para", 0x00B6},   NamedEntity{"part", 0x2202},    NamedEntity{"phi", 0x03C6},
    NamedEntity{"pi", 0x03C0},     NamedEntity{"plusmn", 0x00B1},  NamedEntity{"pound", 0x00A3},
    NamedEntity{"prod", 0x220F},   NamedEntity{"psi", 0x03C8},     NamedEntity{"quot", u'"'},
    NamedEntity{"radic", 0x221A},  NamedEntity{"raquo", 0x00BB},   NamedEntity{"rarr", 0x2192},
    NamedEntity{"rbrace", u'}'},   NamedEntity{"rbrack", u']'},    NamedEntity{"rdquo", 0x201D},
    NamedEntity{"reg", 0x00AE},    NamedEntity{"rho", 0x03C1},     NamedEntity{"rpar", u')'},
    NamedEntity{"rsquo", 0x2019},  NamedEntity{"sect", 0x00A7},    NamedEntity{"sigma", 0x03C3},
    NamedEntity{"sum", 0x2211},    NamedEntity{"sup2", 0x00B2},    NamedEntity{"sup3", 0x00B3},
    NamedEntity{"tau", 0x03C4},    NamedEntity{"theta", 0x03B8},   NamedEntity{"thinsp", 0x2009},
    NamedEntity{"times", 0x00D7},  NamedEntity{"trade", 0x2122},   NamedEntity{"uarr", 0x2191},
    NamedEntity{"vert", u'|'},     NamedEntity{"xi", 0x03BE},      NamedEntity{"yen", 0x00A5},
    NamedEntity{"zeta", 0x03B6},
};

QString fromCodePoint(uint codePoint) {
    const bool surrogate = codePoint >= 0xD800 && codePoint <= 0xDFFF;
    if (codePoint == 0 || codePoint > QChar::LastValidCodePoint || surrogate)
        return QString(QChar(QChar::ReplacementCharacter));
    const char32_t character = codePoint;
    return QString::fromUcs4(&character, 1);
}

} // namespace

QString decodeEntity(QByteArrayView entity) {
    const QString asWritten = QString::fromUtf8(entity);
    if (entity.size() < 3 || !entity.startsWith('&') || !entity.endsWith(';'))
        return asWritten;
    const QByteArrayView body = entity.sliced(1, entity.size() - 2);
    if (body.startsWith('#')) {
        const bool hexadecimal = body.size() > 1 && (body[1] == 'x' || body[1] == 'X');
        bool ok = false;
        const uint codePoint = body.sliced(hexadecimal ? 2 : 1).toByteArray().toUInt(&ok, hexadecimal ? 16 : 10);
        return ok ? fromCodePoint(codePoint) : QString(QChar(QChar::ReplacementCharacter));
    }
    const auto found = std::find_if(kNamedEntities.begin(), kNamedEntities.end(),
                                    [body](const NamedEntity& named) { return body == QByteArrayView(named.name); });
    return found == kNamedEntities.end() ? asWritten : QString(QChar(found->character));
}

} // namespace hearth::ui
