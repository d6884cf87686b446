<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name>hearth::ui::ChatPane</name>
    <message numerus="yes">
        <source>%n older message(s) no longer fit into the model's context.</source>
        <translation>
            <numerusform>%n older message no longer fits into the model's context.</numerusform>
            <numerusform>%n older messages no longer fit into the model's context.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>hearth::ui::Composer</name>
    <message numerus="yes">
        <source>%Ln token(s)</source>
        <translation>
            <numerusform>%Ln token</numerusform>
            <numerusform>%Ln tokens</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>hearth::ui::ContextMeterRing</name>
    <message numerus="yes">
        <source>%Ln token(s) of them in your draft</source>
        <translation>
            <numerusform>%Ln token of them in your draft</numerusform>
            <numerusform>%Ln tokens of them in your draft</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n message(s) at the beginning no longer fit; the model does not see them.</source>
        <translation>
            <numerusform>%n message at the beginning no longer fits; the model does not see it.</numerusform>
            <numerusform>%n messages at the beginning no longer fit; the model does not see them.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>hearth::ui::DropOverlay</name>
    <message numerus="yes">
        <source>Open %n PDF file(s) beside the chat</source>
        <translation>
            <numerusform>Open %n PDF file beside the chat</numerusform>
            <numerusform>Open %n PDF files beside the chat</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Open %n image(s) beside the chat</source>
        <translation>
            <numerusform>Open %n image beside the chat</numerusform>
            <numerusform>Open %n images beside the chat</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Attach %n text file(s) to your message</source>
        <translation>
            <numerusform>Attach %n text file to your message</numerusform>
            <numerusform>Attach %n text files to your message</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Import %n model file(s)</source>
        <translation>
            <numerusform>Import %n model file</numerusform>
            <numerusform>Import %n model files</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n item(s) cannot be opened here</source>
        <translation>
            <numerusform>%n item cannot be opened here</numerusform>
            <numerusform>%n items cannot be opened here</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>hearth::ui::SettingsDialog</name>
    <message numerus="yes">
        <source>This computer has %n core(s).</source>
        <translation>
            <numerusform>This computer has %n core.</numerusform>
            <numerusform>This computer has %n cores.</numerusform>
        </translation>
    </message>
</context>
</TS>
