<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
<context>
    <name>CodeBlockLayout</name>
    <message>
        <source>Copied</source>
        <translation>已复制</translation>
    </message>
    <message>
        <source>text</source>
        <translation>文本</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
</context>
<context>
    <name>MessageLayout</name>
    <message>
        <source>Instructions</source>
        <translation>指令</translation>
    </message>
    <message>
        <source>Assistant</source>
        <translation>助手</translation>
    </message>
    <message>
        <source>%1/%2</source>
        <translation>%1/%2</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>重试</translation>
    </message>
    <message>
        <source>Continue</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>The answer failed.</source>
        <translation>回答失败。</translation>
    </message>
    <message>
        <source>Stopped</source>
        <translation>已停止</translation>
    </message>
    <message>
        <source>Interrupted: the program ended while this was being written.</source>
        <translation>已中断：程序在撰写时退出。</translation>
    </message>
    <message>
        <source>%1 tokens</source>
        <translation>%1 个词元</translation>
    </message>
    <message>
        <source>%1 tokens/s</source>
        <translation>%1 词元/秒</translation>
    </message>
    <message>
        <source>no longer read by the model</source>
        <translation>模型不再读取</translation>
    </message>
</context>
<context>
    <name>MixtureTexts</name>
    <message>
        <source>&lt; %1%</source>
        <translation>&lt; %1%</translation>
    </message>
    <message>
        <source>%1%</source>
        <comment>a percentage</comment>
        <translation>%1%</translation>
    </message>
    <message>
        <source>“%1”</source>
        <translation>“%1”</translation>
    </message>
    <message>
        <source>Token %1 of %2: %3, probability %4.</source>
        <translation>第 %1 个词元，共 %2 个：%3，概率 %4。</translation>
    </message>
    <message>
        <source>%1 %2</source>
        <comment>a token and its probability</comment>
        <translation>%1 %2</translation>
    </message>
    <message>
        <source>Instead it might have been: %1.</source>
        <translation>也可能是：%1。</translation>
    </message>
    <message>
        <source>, </source>
        <comment>in a list</comment>
        <translation>、</translation>
    </message>
    <message>
        <source>Layer %1, expert %2: %3 of %4 tokens, %5 of the layer (%6 times an even share)</source>
        <translation>第 %1 层，专家 %2：%4 个词元中的 %3 个，占该层的 %5（平均份额的 %6 倍）</translation>
    </message>
    <message>
        <source>Layer %1: no token of this range was read</source>
        <translation>第 %1 层：此范围内没有词元被读入</translation>
    </message>
    <message>
        <source>Layer %1: %2 of %3 experts were used, the busiest is %4; load balance %5</source>
        <translation>第 %1 层：%3 个专家中用到 %2 个，最忙的是 %4；负载均衡 %5</translation>
    </message>
    <message>
        <source>whole answer</source>
        <translation>整个回答</translation>
    </message>
    <message>
        <source>token %1</source>
        <translation>词元 %1</translation>
    </message>
    <message>
        <source>tokens %1 to %2</source>
        <translation>词元 %1 至 %2</translation>
    </message>
</context>
<context>
    <name>hearth::ConversationListModel</name>
    <message>
        <source>New chat</source>
        <translation>新对话</translation>
    </message>
</context>
<context>
    <name>hearth::ErrorText</name>
    <message>
        <source>The model could not be loaded: %1</source>
        <translation>无法加载模型：%1</translation>
    </message>
    <message>
        <source>The model file could not be added: %1</source>
        <translation>无法添加模型文件：%1</translation>
    </message>
    <message>
        <source>No answer could be given: %1</source>
        <translation>无法给出回答：%1</translation>
    </message>
    <message>
        <source>Your conversations could not be opened: %1</source>
        <translation>无法打开您的对话：%1</translation>
    </message>
    <message>
        <source>Your conversation is not being saved: %1</source>
        <translation>您的对话未能保存：%1</translation>
    </message>
    <message>
        <source>The conversation could not be read: %1</source>
        <translation>无法读取对话：%1</translation>
    </message>
    <message>
        <source>The file could not be attached: %1</source>
        <translation>无法添加文件：%1</translation>
    </message>
    <message>
        <source>The picture could not be opened: %1</source>
        <translation>无法打开图片：%1</translation>
    </message>
    <message>
        <source>The document could not be opened: %1</source>
        <translation>无法打开文档：%1</translation>
    </message>
    <message>
        <source>Choose another model, or add a model file.</source>
        <translation>请选择其他模型，或添加模型文件。</translation>
    </message>
    <message>
        <source>The file is damaged or not complete: get it again.</source>
        <translation>文件已损坏或不完整：请重新获取。</translation>
    </message>
    <message>
        <source>Choose a model of a kind that this version knows.</source>
        <translation>请选择此版本支持的模型。</translation>
    </message>
    <message>
        <source>Choose a smaller model or a shorter context, or close other programs.</source>
        <translation>请选择更小的模型或更短的上下文，或关闭其他程序。</translation>
    </message>
    <message>
        <source>Check that the file can be read and that the disk has free space.</source>
        <translation>请检查文件是否可读，以及磁盘是否有可用空间。</translation>
    </message>
    <message>
        <source>Choose the processor as device in the settings.</source>
        <translation>请在设置中选择处理器作为设备。</translation>
    </message>
    <message>
        <source>Update Hearth. Until then you can chat, but nothing is saved.</source>
        <translation>请更新 Hearth。在此之前可以对话，但不会保存。</translation>
    </message>
    <message>
        <source>Move the file away, or put a copy from the backups folder in its place. Until then you can chat, but nothing is saved.</source>
        <translation>请移走该文件，或用备份文件夹中的副本替换。在此之前可以对话，但不会保存。</translation>
    </message>
    <message>
        <source>Free some space on the disk, or check that the folder can be written to. You can go on; saving is tried again.</source>
        <translation>请释放磁盘空间，或检查文件夹是否可写。您可以继续；稍后会再次尝试保存。</translation>
    </message>
    <message>
        <source>You can go on; saving is tried again.</source>
        <translation>您可以继续；稍后会再次尝试保存。</translation>
    </message>
    <message>
        <source>Load a model first.</source>
        <translation>请先加载模型。</translation>
    </message>
    <message>
        <source>Shorten the question, or load the model with a longer context.</source>
        <translation>请缩短问题，或用更长的上下文加载模型。</translation>
    </message>
    <message>
        <source>Load a smaller model, or the same with a shorter context.</source>
        <translation>请加载更小的模型，或用更短的上下文加载。</translation>
    </message>
    <message>
        <source>Try again; if it fails again, load the model anew.</source>
        <translation>请重试；如果仍然失败，请重新加载模型。</translation>
    </message>
    <message>
        <source>Check that the file is still there and can be read.</source>
        <translation>请检查文件是否仍然存在且可读。</translation>
    </message>
    <message>
        <source>The file is damaged: get it again.</source>
        <translation>文件已损坏：请重新获取。</translation>
    </message>
    <message>
        <source>Cancelled.</source>
        <translation>已取消。</translation>
    </message>
</context>
<context>
    <name>hearth::ui::AboutDialog</name>
    <message>
        <source>About Hearth</source>
        <translation>关于 Hearth</translation>
    </message>
    <message>
        <source>Version %1</source>
        <translation>版本 %1</translation>
    </message>
    <message>
        <source>A private assistant that never leaves your machine. Models, chats and files stay on this computer.</source>
        <translation>一个从不离开您电脑的私人助手。模型、对话和文件都保存在这台电脑上。</translation>
    </message>
    <message>
        <source>Apache License 2.0. Built with Qt %1 (LGPL 3), SQLite (public domain), md4c, nlohmann-json (MIT) and PDFium (BSD, Apache 2.0).</source>
        <translation>Apache 许可证 2.0。使用 Qt %1（LGPL 3）、SQLite（公有领域）、md4c、nlohmann-json（MIT）和 PDFium（BSD、Apache 2.0）构建。</translation>
    </message>
</context>
<context>
    <name>hearth::ui::Actions</name>
    <message>
        <source>New chat</source>
        <translation>新对话</translation>
    </message>
    <message>
        <source>Go to chat or command…</source>
        <translation>转到对话或命令…</translation>
    </message>
    <message>
        <source>Search all chats</source>
        <translation>搜索所有对话</translation>
    </message>
    <message>
        <source>Next chat</source>
        <translation>下一个对话</translation>
    </message>
    <message>
        <source>Previous chat</source>
        <translation>上一个对话</translation>
    </message>
    <message>
        <source>Rename chat</source>
        <translation>重命名对话</translation>
    </message>
    <message>
        <source>Pin or unpin chat</source>
        <translation>置顶或取消置顶</translation>
    </message>
    <message>
        <source>Delete chat</source>
        <translation>删除对话</translation>
    </message>
    <message>
        <source>Bring back the deleted chat</source>
        <translation>恢复已删除的对话</translation>
    </message>
    <message>
        <source>Stop the answer</source>
        <translation>停止回答</translation>
    </message>
    <message>
        <source>Answer again</source>
        <translation>重新回答</translation>
    </message>
    <message>
        <source>Edit your last message</source>
        <translation>编辑上一条消息</translation>
    </message>
    <message>
        <source>Copy the last answer</source>
        <translation>复制上一个回答</translation>
    </message>
    <message>
        <source>Copy the last code block</source>
        <translation>复制上一个代码块</translation>
    </message>
    <message>
        <source>Find in chat or document</source>
        <translation>在对话或文档中查找</translation>
    </message>
    <message>
        <source>Next match</source>
        <translation>下一处</translation>
    </message>
    <message>
        <source>Previous match</source>
        <translation>上一处</translation>
    </message>
    <message>
        <source>Open file…</source>
        <translation>打开文件…</translation>
    </message>
    <message>
        <source>Attach a text file…</source>
        <translation>添加文本文件…</translation>
    </message>
    <message>
        <source>Choose model…</source>
        <translation>选择模型…</translation>
    </message>
    <message>
        <source>Import a model file…</source>
        <translation>导入模型文件…</translation>
    </message>
    <message>
        <source>Go to the chat</source>
        <translation>转到对话</translation>
    </message>
    <message>
        <source>Go to the document</source>
        <translation>转到文档</translation>
    </message>
    <message>
        <source>Go to the image</source>
        <translation>转到图片</translation>
    </message>
    <message>
        <source>Next pane</source>
        <translation>下一个窗格</translation>
    </message>
    <message>
        <source>Previous pane</source>
        <translation>上一个窗格</translation>
    </message>
    <message>
        <source>Show or hide the side bar</source>
        <translation>显示或隐藏侧边栏</translation>
    </message>
    <message>
        <source>Full screen</source>
        <translation>全屏</translation>
    </message>
    <message>
        <source>Larger text or page</source>
        <translation>放大文字或页面</translation>
    </message>
    <message>
        <source>Smaller text or page</source>
        <translation>缩小文字或页面</translation>
    </message>
    <message>
        <source>Normal size</source>
        <translation>正常大小</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>键盘快捷键</translation>
    </message>
    <message>
        <source>About Hearth</source>
        <translation>关于 Hearth</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>退出</translation>
    </message>
    <message>
        <source>Chats</source>
        <translation>对话</translation>
    </message>
    <message>
        <source>Messages</source>
        <translation>消息</translation>
    </message>
    <message>
        <source>Files and models</source>
        <translation>文件和模型</translation>
    </message>
    <message>
        <source>View</source>
        <translation>视图</translation>
    </message>
    <message>
        <source>Program</source>
        <translation>程序</translation>
    </message>
    <message>
        <source>%1 (%2)</source>
        <comment>what a button does and its key</comment>
        <translation>%1（%2）</translation>
    </message>
    <message>
        <source>Mixture: how the answer came about</source>
        <translation>混合专家：回答是如何产生的</translation>
    </message>
</context>
<context>
    <name>hearth::ui::AttachmentChip</name>
    <message>
        <source>%1 · %2</source>
        <comment>file name and size</comment>
        <translation>%1 · %2</translation>
    </message>
    <message>
        <source>Attached file %1, %2</source>
        <translation>附件 %1，%2</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>Remove %1</source>
        <translation>移除 %1</translation>
    </message>
</context>
<context>
    <name>hearth::ui::Banner</name>
    <message>
        <source>Dismiss</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Dismiss this message</source>
        <translation>关闭此消息</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>进度</translation>
    </message>
</context>
<context>
    <name>hearth::ui::ChatHeader</name>
    <message>
        <source>New chat</source>
        <translation>新对话</translation>
    </message>
    <message>
        <source>Chat: %1</source>
        <translation>对话：%1</translation>
    </message>
    <message>
        <source>Choose a model</source>
        <translation>选择模型</translation>
    </message>
    <message>
        <source>%1 · %2 %</source>
        <comment>model that is loading, percent</comment>
        <translation>%1 · %2%</translation>
    </message>
    <message>
        <source>Loading %1</source>
        <translation>正在加载 %1</translation>
    </message>
    <message>
        <source>Model: %1</source>
        <translation>模型：%1</translation>
    </message>
    <message>
        <source>Show the side bar</source>
        <translation>显示侧边栏</translation>
    </message>
</context>
<context>
    <name>hearth::ui::ChatPane</name>
    <message numerus="yes">
        <source>%n older message(s) no longer fit into the model&apos;s context.</source>
        <translation>
            <numerusform>有 %n 条较早的消息已放不进模型的上下文。</numerusform>
        </translation>
    </message>
    <message>
        <source>They stay in the chat, greyed; the model does not see them. A larger context can be set in the settings.</source>
        <translation>它们仍以灰色保留在对话中，但模型看不到。可以在设置中使用更大的上下文。</translation>
    </message>
    <message>
        <source>%1 has no chat template; a plain format is used.</source>
        <translation>%1 没有对话模板，将使用简单格式。</translation>
    </message>
    <message>
        <source>The chat template of %1 cannot be used: %2</source>
        <translation>无法使用 %1 的对话模板：%2</translation>
    </message>
    <message>
        <source>Answers may be poor. A model made for chatting (often called “instruct” or “chat”) does better.</source>
        <translation>回答质量可能较差。专为对话训练的模型（名称常含 “instruct” 或 “chat”）效果更好。</translation>
    </message>
    <message>
        <source>Pasted text</source>
        <translation>粘贴的文本</translation>
    </message>
    <message>
        <source>Loading %1</source>
        <translation>正在加载 %1</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Copying the model: %1 of %2</source>
        <translation>正在复制模型：%1 / %2</translation>
    </message>
    <message>
        <source>%1 · %2 · context of %3 tokens</source>
        <comment>quantisation, device, number</comment>
        <translation>%1 · %2 · 上下文 %3 个词元</translation>
    </message>
    <message>
        <source>Choose a model…</source>
        <translation>选择模型…</translation>
    </message>
    <message>
        <source>Chat</source>
        <translation>对话</translation>
    </message>
</context>
<context>
    <name>hearth::ui::CommandPalette</name>
    <message>
        <source>Go to chat or command</source>
        <translation>转到对话或命令</translation>
    </message>
    <message>
        <source>Type a chat title or a command</source>
        <translation>输入对话标题或命令</translation>
    </message>
    <message>
        <source>Chat title or command</source>
        <translation>对话标题或命令</translation>
    </message>
    <message>
        <source>Matches</source>
        <translation>匹配项</translation>
    </message>
</context>
<context>
    <name>hearth::ui::Composer</name>
    <message numerus="yes">
        <source>%Ln token(s)</source>
        <translation>
            <numerusform>%Ln 个词元</numerusform>
        </translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Send</source>
        <translation>发送</translation>
    </message>
    <message>
        <source>Stop (Esc)</source>
        <translation>停止（Esc）</translation>
    </message>
    <message>
        <source>Send (Enter)</source>
        <translation>发送（Enter）</translation>
    </message>
    <message>
        <source>Send (Shift+Enter)</source>
        <translation>发送（Shift+Enter）</translation>
    </message>
    <message>
        <source>Ask anything</source>
        <translation>有问题，尽管问</translation>
    </message>
    <message>
        <source>Message</source>
        <translation>消息</translation>
    </message>
    <message>
        <source>Enter sends, Shift+Enter begins a new line</source>
        <translation>按 Enter 发送，按 Shift+Enter 换行</translation>
    </message>
    <message>
        <source>Shift+Enter sends, Enter begins a new line</source>
        <translation>按 Shift+Enter 发送，按 Enter 换行</translation>
    </message>
    <message>
        <source>Attach a text file (Ctrl+U)</source>
        <translation>添加文本文件（Ctrl+U）</translation>
    </message>
    <message>
        <source>Attach a file</source>
        <translation>添加文件</translation>
    </message>
    <message>
        <source>Length of the draft</source>
        <translation>草稿长度</translation>
    </message>
    <message>
        <source>Attached files</source>
        <translation>附件</translation>
    </message>
    <message>
        <source>Editing your message; sending it starts a new version</source>
        <translation>正在编辑您的消息；发送后将产生一个新版本</translation>
    </message>
    <message>
        <source>Keep the message as it was (Esc)</source>
        <translation>保留原消息（Esc）</translation>
    </message>
    <message>
        <source>Stop editing</source>
        <translation>停止编辑</translation>
    </message>
</context>
<context>
    <name>hearth::ui::ContextMeterRing</name>
    <message>
        <source>%1 of %2 tokens</source>
        <translation>%1 / %2 个词元</translation>
    </message>
    <message>
        <source>Context: %1 (%2)</source>
        <translation>上下文：%1（%2）</translation>
    </message>
    <message numerus="yes">
        <source>%Ln token(s) of them in your draft</source>
        <translation>
            <numerusform>其中草稿占 %Ln 个词元</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n message(s) at the beginning no longer fit; the model does not see them.</source>
        <translation>
            <numerusform>开头有 %n 条消息已放不下，模型看不到它们。</numerusform>
        </translation>
    </message>
    <message>
        <source>Context used</source>
        <translation>已用上下文</translation>
    </message>
</context>
<context>
    <name>hearth::ui::ConversationDelegate</name>
    <message>
        <source>Pinned</source>
        <translation>已置顶</translation>
    </message>
    <message>
        <source>Today</source>
        <translation>今天</translation>
    </message>
    <message>
        <source>Yesterday</source>
        <translation>昨天</translation>
    </message>
    <message>
        <source>Last 7 days</source>
        <translation>最近 7 天</translation>
    </message>
    <message>
        <source>Last 30 days</source>
        <translation>最近 30 天</translation>
    </message>
    <message>
        <source>Older</source>
        <translation>更早</translation>
    </message>
</context>
<context>
    <name>hearth::ui::ConversationPresenter</name>
    <message>
        <source>Waiting for the model…</source>
        <translation>正在等待模型…</translation>
    </message>
    <message>
        <source>Reading: %1 of %2 tokens</source>
        <translation>正在阅读：%1/%2 个词元</translation>
    </message>
</context>
<context>
    <name>hearth::ui::ConversationView</name>
    <message>
        <source>Copy code</source>
        <translation>复制代码</translation>
    </message>
    <message>
        <source>You said: %1</source>
        <translation>您说：%1</translation>
    </message>
    <message>
        <source>Assistant said: %1</source>
        <translation>助手说：%1</translation>
    </message>
    <message>
        <source>Conversation</source>
        <translation>对话</translation>
    </message>
    <message>
        <source>Explain how a heat pump works, in simple words</source>
        <translation>用简单的话解释热泵的工作原理</translation>
    </message>
    <message>
        <source>Write a friendly reminder about an unpaid invoice</source>
        <translation>写一封友好的未付账单提醒</translation>
    </message>
    <message>
        <source>Compare bubble sort and merge sort in a table</source>
        <translation>用表格比较冒泡排序和归并排序</translation>
    </message>
    <message>
        <source>Copy message</source>
        <translation>复制消息</translation>
    </message>
    <message>
        <source>Edit question</source>
        <translation>编辑问题</translation>
    </message>
    <message>
        <source>Answer again</source>
        <translation>重新回答</translation>
    </message>
    <message>
        <source>Continue</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>重试</translation>
    </message>
    <message>
        <source>Previous version</source>
        <translation>上一版本</translation>
    </message>
    <message>
        <source>Next version</source>
        <translation>下一版本</translation>
    </message>
    <message>
        <source>Show or hide the reasoning</source>
        <translation>显示或隐藏思考过程</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>Copy as Markdown</source>
        <translation>复制为 Markdown</translation>
    </message>
    <message>
        <source>Copy link address</source>
        <translation>复制链接地址</translation>
    </message>
    <message>
        <source>Select all</source>
        <translation>全选</translation>
    </message>
    <message>
        <source>What can I help with?</source>
        <translation>有什么可以帮您？</translation>
    </message>
    <message>
        <source>Works offline. What you write stays on this computer.</source>
        <translation>离线工作。您输入的内容只留在这台电脑上。</translation>
    </message>
    <message>
        <source>How it came about</source>
        <translation>它是如何产生的</translation>
    </message>
</context>
<context>
    <name>hearth::ui::DocumentPane</name>
    <message>
        <source>of %1</source>
        <comment>page number of the page count</comment>
        <translation>/ %1</translation>
    </message>
    <message>
        <source>Document</source>
        <translation>文档</translation>
    </message>
    <message>
        <source>Pages</source>
        <translation>页面</translation>
    </message>
    <message>
        <source>Go to page</source>
        <translation>转到页面</translation>
    </message>
    <message>
        <source>Page</source>
        <translation>页</translation>
    </message>
    <message>
        <source>Find in the document (Ctrl+F)</source>
        <translation>在文档中查找（Ctrl+F）</translation>
    </message>
    <message>
        <source>Find in the document</source>
        <translation>在文档中查找</translation>
    </message>
    <message>
        <source>Zoom out (-)</source>
        <translation>缩小（-）</translation>
    </message>
    <message>
        <source>Zoom out</source>
        <translation>缩小</translation>
    </message>
    <message>
        <source>Zoom in (+)</source>
        <translation>放大（+）</translation>
    </message>
    <message>
        <source>Zoom in</source>
        <translation>放大</translation>
    </message>
    <message>
        <source>Fit the width (0)</source>
        <translation>适合宽度（0）</translation>
    </message>
    <message>
        <source>Fit the width</source>
        <translation>适合宽度</translation>
    </message>
</context>
<context>
    <name>hearth::ui::DropOverlay</name>
    <message numerus="yes">
        <source>Open %n PDF file(s) beside the chat</source>
        <translation>
            <numerusform>在对话旁打开 %n 个 PDF 文件</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Open %n image(s) beside the chat</source>
        <translation>
            <numerusform>在对话旁打开 %n 张图片</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Attach %n text file(s) to your message</source>
        <translation>
            <numerusform>将 %n 个文本文件附加到消息</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Import %n model file(s)</source>
        <translation>
            <numerusform>导入 %n 个模型文件</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n item(s) cannot be opened here</source>
        <translation>
            <numerusform>有 %n 个项目无法在此打开</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>hearth::ui::FileRouter</name>
    <message>
        <source>This</source>
        <translation>此项</translation>
    </message>
    <message>
        <source>%1 cannot be opened here.</source>
        <translation>%1 无法在此打开。</translation>
    </message>
    <message>
        <source>Hearth opens PDF files, images, text files and model files (GGUF).</source>
        <translation>Hearth 可以打开 PDF 文件、图片、文本文件和模型文件（GGUF）。</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>所有文件 (*)</translation>
    </message>
    <message>
        <source>PDF files (*.pdf)</source>
        <translation>PDF 文件 (*.pdf)</translation>
    </message>
    <message>
        <source>Images (%1)</source>
        <translation>图片 (%1)</translation>
    </message>
    <message>
        <source>Model files (*.gguf)</source>
        <translation>模型文件 (*.gguf)</translation>
    </message>
    <message>
        <source>Open a file</source>
        <translation>打开文件</translation>
    </message>
    <message>
        <source>Attach a text file</source>
        <translation>添加文本文件</translation>
    </message>
    <message>
        <source>Import a model file</source>
        <translation>导入模型文件</translation>
    </message>
</context>
<context>
    <name>hearth::ui::FindBar</name>
    <message>
        <source>Nothing found</source>
        <translation>未找到</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <comment>the shown match, all matches</comment>
        <translation>%1 / %2</translation>
    </message>
    <message>
        <source>Find</source>
        <translation>查找</translation>
    </message>
    <message>
        <source>Matches</source>
        <translation>匹配项</translation>
    </message>
    <message>
        <source>Previous match (Shift+Enter)</source>
        <translation>上一处（Shift+Enter）</translation>
    </message>
    <message>
        <source>Previous match</source>
        <translation>上一处</translation>
    </message>
    <message>
        <source>Next match (Enter)</source>
        <translation>下一处（Enter）</translation>
    </message>
    <message>
        <source>Next match</source>
        <translation>下一处</translation>
    </message>
    <message>
        <source>Close (Esc)</source>
        <translation>关闭（Esc）</translation>
    </message>
    <message>
        <source>Close the search</source>
        <translation>关闭查找</translation>
    </message>
</context>
<context>
    <name>hearth::ui::FirstRunPage</name>
    <message>
        <source>Welcome</source>
        <translation>欢迎</translation>
    </message>
    <message>
        <source>Welcome to Hearth</source>
        <translation>欢迎使用 Hearth</translation>
    </message>
    <message>
        <source>Hearth answers with a language model that runs on this computer. Nothing you write leaves it. To begin, it needs a model: a file in the GGUF format.</source>
        <translation>Hearth 使用在这台电脑上运行的语言模型来回答。您输入的内容不会离开这台电脑。开始之前，它需要一个模型：GGUF 格式的文件。</translation>
    </message>
    <message>
        <source>Import a model file…</source>
        <translation>导入模型文件…</translation>
    </message>
    <message>
        <source>Import a model file</source>
        <translation>导入模型文件</translation>
    </message>
    <message>
        <source>Look again</source>
        <translation>重新查找</translation>
    </message>
    <message>
        <source>Reads the models folder again</source>
        <translation>重新读取模型文件夹</translation>
    </message>
    <message>
        <source>Look for models again</source>
        <translation>重新查找模型</translation>
    </message>
    <message>
        <source>You can also drop a .gguf file anywhere on this window.</source>
        <translation>也可以将 .gguf 文件拖放到此窗口的任意位置。</translation>
    </message>
    <message>
        <source>Models are kept in %1</source>
        <translation>模型保存在 %1</translation>
    </message>
</context>
<context>
    <name>hearth::ui::HeatMap</name>
    <message>
        <source>Balance</source>
        <translation>均衡</translation>
    </message>
    <message>
        <source>The answer ended before this token was read: it has no experts.</source>
        <translation>回答在读入此词元之前结束：它没有专家。</translation>
    </message>
    <message>
        <source>Click a cell to mark the tokens that this expert took part in.</source>
        <translation>点击一格，标出该专家参与的词元。</translation>
    </message>
    <message>
        <source>Experts by layer</source>
        <translation>各层的专家</translation>
    </message>
    <message>
        <source>never</source>
        <translation>从未</translation>
    </message>
    <message>
        <source>%1 × an even share</source>
        <translation>平均份额的 %1 倍</translation>
    </message>
</context>
<context>
    <name>hearth::ui::ImagePane</name>
    <message>
        <source>Image %1</source>
        <translation>图片 %1</translation>
    </message>
    <message>
        <source>Opening…</source>
        <translation>正在打开…</translation>
    </message>
    <message>
        <source>%1 × %2 · %3 %</source>
        <comment>width, height, zoom</comment>
        <translation>%1 × %2 · %3%</translation>
    </message>
    <message>
        <source>Image</source>
        <translation>图片</translation>
    </message>
    <message>
        <source>Zoom out (-)</source>
        <translation>缩小（-）</translation>
    </message>
    <message>
        <source>Zoom out</source>
        <translation>缩小</translation>
    </message>
    <message>
        <source>Zoom in (+)</source>
        <translation>放大（+）</translation>
    </message>
    <message>
        <source>Zoom in</source>
        <translation>放大</translation>
    </message>
    <message>
        <source>Fit to the pane (0)</source>
        <translation>适合窗格（0）</translation>
    </message>
    <message>
        <source>Fit to the pane</source>
        <translation>适合窗格</translation>
    </message>
</context>
<context>
    <name>hearth::ui::JumpButton</name>
    <message>
        <source>Jump to the latest message</source>
        <translation>跳到最新消息</translation>
    </message>
</context>
<context>
    <name>hearth::ui::MainWindow</name>
    <message>
        <source>New chat</source>
        <translation>新对话</translation>
    </message>
    <message>
        <source>Deleted “%1”</source>
        <translation>已删除“%1”</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>Answer copied</source>
        <translation>已复制回答</translation>
    </message>
    <message>
        <source>Code copied</source>
        <translation>已复制代码</translation>
    </message>
    <message>
        <source>No document is open</source>
        <translation>没有打开的文档</translation>
    </message>
    <message>
        <source>Open…</source>
        <translation>打开…</translation>
    </message>
    <message>
        <source>No image is open</source>
        <translation>没有打开的图片</translation>
    </message>
    <message>
        <source>Pasted image</source>
        <translation>粘贴的图片</translation>
    </message>
    <message>
        <source>Text size %1 %</source>
        <translation>文字大小 %1%</translation>
    </message>
</context>
<context>
    <name>hearth::ui::MixturePane</name>
    <message>
        <source>Copied</source>
        <translation>已复制</translation>
    </message>
    <message>
        <source>Saved as %1</source>
        <translation>已保存为 %1</translation>
    </message>
    <message>
        <source>being written…</source>
        <translation>正在撰写…</translation>
    </message>
    <message>
        <source>Experts by layer</source>
        <translation>各层的专家</translation>
    </message>
    <message>
        <source>No experts</source>
        <translation>没有专家</translation>
    </message>
    <message>
        <source>No answer yet</source>
        <translation>还没有回答</translation>
    </message>
    <message>
        <source>Ask something: this pane shows how the answer comes about.</source>
        <translation>提个问题：这里会显示回答是如何产生的。</translation>
    </message>
    <message>
        <source>Loading…</source>
        <translation>正在加载…</translation>
    </message>
    <message>
        <source>This answer was not recorded</source>
        <translation>此回答没有记录</translation>
    </message>
    <message>
        <source>It was written before recording began, or while it was off. New answers are recorded.</source>
        <translation>它写于开始记录之前，或记录关闭期间。新的回答会被记录。</translation>
    </message>
    <message>
        <source>Recording is off. It takes about 1 KB a token and no time.</source>
        <translation>记录已关闭。每个词元约占 1 KB，不影响速度。</translation>
    </message>
    <message>
        <source>The recording cannot be read</source>
        <translation>无法读取记录</translation>
    </message>
    <message>
        <source>What was kept of this answer is damaged. The answer is not.</source>
        <translation>此回答的记录已损坏，回答本身完好。</translation>
    </message>
    <message>
        <source>The answer begins…</source>
        <translation>回答即将开始…</translation>
    </message>
    <message>
        <source>Its tokens appear here as they are written.</source>
        <translation>词元会随着撰写出现在这里。</translation>
    </message>
    <message>
        <source>Copy the selected tokens as CSV</source>
        <translation>将所选词元复制为 CSV</translation>
    </message>
    <message>
        <source>Copy as CSV</source>
        <translation>复制为 CSV</translation>
    </message>
    <message>
        <source>Copy the picture</source>
        <translation>复制图片</translation>
    </message>
    <message>
        <source>Save as CSV…</source>
        <translation>保存为 CSV…</translation>
    </message>
    <message>
        <source>Save the tokens</source>
        <translation>保存词元</translation>
    </message>
    <message>
        <source>Tables (*.csv)</source>
        <translation>表格 (*.csv)</translation>
    </message>
    <message>
        <source>Save as JSON…</source>
        <translation>保存为 JSON…</translation>
    </message>
    <message>
        <source>JSON (*.json)</source>
        <translation>JSON (*.json)</translation>
    </message>
    <message>
        <source>Save the picture…</source>
        <translation>保存图片…</translation>
    </message>
    <message>
        <source>Save the picture</source>
        <translation>保存图片</translation>
    </message>
    <message>
        <source>Pictures (*.png)</source>
        <translation>图片 (*.png)</translation>
    </message>
    <message>
        <source>Record new answers</source>
        <translation>记录新的回答</translation>
    </message>
    <message>
        <source>Mixture</source>
        <translation>混合专家</translation>
    </message>
    <message>
        <source>Copy, save, record</source>
        <translation>复制、保存、记录</translation>
    </message>
    <message>
        <source>This model is dense: every token passes through all of its weights. Models whose tokens choose among experts show here, layer by layer, which ones they chose.</source>
        <translation>这是稠密模型：每个词元都经过它的全部权重。若模型的词元在专家之间选择，这里会逐层显示选了哪些专家。</translation>
    </message>
</context>
<context>
    <name>hearth::ui::ModelChooser</name>
    <message>
        <source>%1 B parameters</source>
        <comment>billions</comment>
        <translation>%1 B 参数</translation>
    </message>
    <message>
        <source>%1 M parameters</source>
        <comment>millions</comment>
        <translation>%1 M 参数</translation>
    </message>
    <message>
        <source>Choose a model</source>
        <translation>选择模型</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>There is no model yet. Import a model file in the GGUF format.</source>
        <translation>还没有模型。请导入 GGUF 格式的模型文件。</translation>
    </message>
    <message>
        <source>Import a model file…</source>
        <translation>导入模型文件…</translation>
    </message>
    <message>
        <source>Import a model file</source>
        <translation>导入模型文件</translation>
    </message>
</context>
<context>
    <name>hearth::ui::SettingsDialog</name>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>Pages</source>
        <translation>页面</translation>
    </message>
    <message>
        <source>General</source>
        <translation>常规</translation>
    </message>
    <message>
        <source>Follow the system</source>
        <translation>跟随系统</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>浅色</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>深色</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>主题</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>%1 %</source>
        <translation>%1%</translation>
    </message>
    <message>
        <source>Text size</source>
        <translation>文字大小</translation>
    </message>
    <message>
        <source>Also Ctrl++ and Ctrl+-</source>
        <translation>也可用 Ctrl++ 和 Ctrl+-</translation>
    </message>
    <message>
        <source>Enter</source>
        <translation>Enter</translation>
    </message>
    <message>
        <source>Shift+Enter</source>
        <translation>Shift+Enter</translation>
    </message>
    <message>
        <source>Send with</source>
        <translation>发送键</translation>
    </message>
    <message>
        <source>The other one begins a new line.</source>
        <translation>另一个用于换行。</translation>
    </message>
    <message>
        <source>Instructions</source>
        <translation>指令</translation>
    </message>
    <message>
        <source>For example: answer briefly and in plain words.</source>
        <translation>例如：用简短浅显的话回答。</translation>
    </message>
    <message>
        <source>System prompt</source>
        <translation>系统提示词</translation>
    </message>
    <message>
        <source>What the model is told before every chat. It uses a part of the context.</source>
        <translation>每次对话前告诉模型的内容，会占用一部分上下文。</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>自动</translation>
    </message>
    <message>
        <source>Processor</source>
        <translation>处理器</translation>
    </message>
    <message>
        <source>Reference (slow, exact)</source>
        <translation>参考实现（慢，精确）</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>设备</translation>
    </message>
    <message>
        <source>What computes the answers.</source>
        <translation>用来计算回答的设备。</translation>
    </message>
    <message>
        <source>Threads</source>
        <translation>线程</translation>
    </message>
    <message numerus="yes">
        <source>This computer has %n core(s).</source>
        <translation>
            <numerusform>这台电脑有 %n 个核心。</numerusform>
        </translation>
    </message>
    <message>
        <source>Context</source>
        <translation>上下文</translation>
    </message>
    <message>
        <source>How many tokens the model can keep in view. More takes more memory.</source>
        <translation>模型能同时看到的词元数。越大占用的内存越多。</translation>
    </message>
    <message>
        <source>Load the model again</source>
        <translation>重新加载模型</translation>
    </message>
    <message>
        <source>Apply</source>
        <translation>应用</translation>
    </message>
    <message>
        <source>Half precision</source>
        <translation>半精度</translation>
    </message>
    <message>
        <source>8 bits</source>
        <translation>8 位</translation>
    </message>
    <message>
        <source>4 bits</source>
        <translation>4 位</translation>
    </message>
    <message>
        <source>Full precision</source>
        <translation>全精度</translation>
    </message>
    <message>
        <source>Stored as</source>
        <translation>存储精度</translation>
    </message>
    <message>
        <source>Fewer bits take less memory for the context, and cost some exactness.</source>
        <translation>位数越少，上下文占用的内存越少，但会损失一些精度。</translation>
    </message>
    <message>
        <source>What stands above works from the next time a model is loaded.</source>
        <translation>以上设置在下次加载模型时生效。</translation>
    </message>
    <message>
        <source>Old conversations go on at once</source>
        <translation>立即继续旧对话</translation>
    </message>
    <message>
        <source>Keeps on disk what a model has read of them, so that it need not read them again. Takes at most 4 GB; turning it off removes what is kept.</source>
        <translation>将模型读过的对话内容保存在磁盘上，无需重新读取。最多占用 4 GB；关闭后会删除已保存的内容。</translation>
    </message>
    <message>
        <source>Folders</source>
        <translation>文件夹</translation>
    </message>
    <message>
        <source>Imported models are kept in %1</source>
        <translation>导入的模型保存在 %1</translation>
    </message>
    <message>
        <source>Add…</source>
        <translation>添加…</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>Add a folder with models</source>
        <translation>添加模型文件夹</translation>
    </message>
    <message>
        <source>Further folders</source>
        <translation>其他文件夹</translation>
    </message>
    <message>
        <source>Model files in these are listed too; they stay where they are.</source>
        <translation>其中的模型文件也会列出，文件保持在原处。</translation>
    </message>
    <message>
        <source>Answers</source>
        <translation>回答</translation>
    </message>
    <message>
        <source>Restore defaults</source>
        <translation>恢复默认值</translation>
    </message>
    <message>
        <source>Defaults</source>
        <translation>默认值</translation>
    </message>
    <message>
        <source>Sets everything on this page back.</source>
        <translation>将本页所有设置恢复为默认值。</translation>
    </message>
    <message>
        <source>Temperature</source>
        <translation>温度</translation>
    </message>
    <message>
        <source>0 always takes the likeliest word; higher is freer.</source>
        <translation>0 表示总是选择最可能的词；越高越自由。</translation>
    </message>
    <message>
        <source>Off</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Top K</source>
        <translation>Top K</translation>
    </message>
    <message>
        <source>Chooses among this many of the likeliest tokens.</source>
        <translation>在最可能的若干个词元中选择。</translation>
    </message>
    <message>
        <source>Top P</source>
        <translation>Top P</translation>
    </message>
    <message>
        <source>Chooses among the likeliest tokens that together reach this share; 1 is off.</source>
        <translation>在累计概率达到此比例的最可能词元中选择；1 表示关闭。</translation>
    </message>
    <message>
        <source>Min P</source>
        <translation>Min P</translation>
    </message>
    <message>
        <source>Drops tokens less likely than this share of the best one; 0 is off.</source>
        <translation>去掉概率低于最佳词元此比例的词元；0 表示关闭。</translation>
    </message>
    <message>
        <source>Typical P</source>
        <translation>Typical P</translation>
    </message>
    <message>
        <source>Prefers tokens of ordinary surprise; 1 is off.</source>
        <translation>偏好出乎意料程度适中的词元；1 表示关闭。</translation>
    </message>
    <message>
        <source>Repetition</source>
        <translation>重复</translation>
    </message>
    <message>
        <source>Repetition penalty</source>
        <translation>重复惩罚</translation>
    </message>
    <message>
        <source>1 is off.</source>
        <translation>1 表示关闭。</translation>
    </message>
    <message>
        <source>Frequency penalty</source>
        <translation>频率惩罚</translation>
    </message>
    <message>
        <source>Grows with each use of a token.</source>
        <translation>随词元每次使用而增加。</translation>
    </message>
    <message>
        <source>Presence penalty</source>
        <translation>存在惩罚</translation>
    </message>
    <message>
        <source>Once for every token that was used.</source>
        <translation>对每个用过的词元施加一次。</translation>
    </message>
    <message>
        <source>All</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>Looks back</source>
        <translation>回看范围</translation>
    </message>
    <message>
        <source>Tokens that the penalties above consider.</source>
        <translation>上述惩罚所考虑的词元数。</translation>
    </message>
    <message>
        <source>DRY</source>
        <translation>DRY</translation>
    </message>
    <message>
        <source>Keeps whole phrases from coming again; 0 is off, 0.8 is usual.</source>
        <translation>避免整段短语重复出现；0 表示关闭，常用 0.8。</translation>
    </message>
    <message>
        <source>Until the context is full</source>
        <translation>直到上下文用完</translation>
    </message>
    <message>
        <source>Longest answer</source>
        <translation>最长回答</translation>
    </message>
    <message>
        <source>In tokens.</source>
        <translation>以词元计。</translation>
    </message>
    <message>
        <source>New for each answer</source>
        <translation>每次回答都不同</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>随机种子</translation>
    </message>
    <message>
        <source>The same seed gives the same answer to the same question.</source>
        <translation>相同的种子对相同的问题给出相同的回答。</translation>
    </message>
    <message>
        <source>Guess ahead</source>
        <translation>提前预测</translation>
    </message>
    <message>
        <source>What repeats earlier text, such as quotes and edits, comes sooner. Answers stay the same.</source>
        <translation>重复前文的内容（如引用和修改）会更快出现。回答保持不变。</translation>
    </message>
    <message>
        <source>Record how answers come about</source>
        <translation>记录回答是如何产生的</translation>
    </message>
    <message>
        <source>Probabilities and experts of each token, for the mixture pane. About 1 KB a token.</source>
        <translation>每个词元的概率与专家，供混合专家面板使用。每个词元约 1 KB。</translation>
    </message>
</context>
<context>
    <name>hearth::ui::ShortcutsDialog</name>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>键盘快捷键</translation>
    </message>
    <message>
        <source>While writing</source>
        <translation>撰写时</translation>
    </message>
    <message>
        <source>Send</source>
        <translation>发送</translation>
    </message>
    <message>
        <source>New line</source>
        <translation>换行</translation>
    </message>
    <message>
        <source>Edit your last message (empty field)</source>
        <translation>编辑上一条消息（输入框为空时）</translation>
    </message>
    <message>
        <source>On a message</source>
        <translation>在消息上</translation>
    </message>
    <message>
        <source>Other version</source>
        <translation>其他版本</translation>
    </message>
</context>
<context>
    <name>hearth::ui::SideBar</name>
    <message>
        <source>Rename</source>
        <translation>重命名</translation>
    </message>
    <message>
        <source>Unpin</source>
        <translation>取消置顶</translation>
    </message>
    <message>
        <source>Pin</source>
        <translation>置顶</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>No chat contains this.</source>
        <translation>没有对话包含此内容。</translation>
    </message>
    <message>
        <source>Your chats will appear here.</source>
        <translation>您的对话将显示在这里。</translation>
    </message>
    <message>
        <source>Side bar</source>
        <translation>侧边栏</translation>
    </message>
    <message>
        <source>Hide the side bar</source>
        <translation>隐藏侧边栏</translation>
    </message>
    <message>
        <source>Search chats</source>
        <translation>搜索对话</translation>
    </message>
    <message>
        <source>Chats</source>
        <translation>对话</translation>
    </message>
    <message>
        <source>New title</source>
        <translation>新标题</translation>
    </message>
    <message>
        <source>More</source>
        <translation>更多</translation>
    </message>
    <message>
        <source>More commands</source>
        <translation>更多命令</translation>
    </message>
</context>
<context>
    <name>hearth::ui::SidePanes</name>
    <message>
        <source>Opened files</source>
        <translation>打开的文件</translation>
    </message>
    <message>
        <source>Close this file</source>
        <translation>关闭此文件</translation>
    </message>
    <message>
        <source>Mixture</source>
        <translation>混合专家</translation>
    </message>
    <message>
        <source>How the answer came about</source>
        <translation>回答是如何产生的</translation>
    </message>
</context>
<context>
    <name>hearth::ui::SummaryStrip</name>
    <message>
        <source>tokens</source>
        <comment>below their number</comment>
        <translation>个词元</translation>
    </message>
    <message>
        <source>perplexity</source>
        <translation>困惑度</translation>
    </message>
    <message>
        <source>Among how many equally likely tokens the model wavered, on average. 1 is certainty.</source>
        <translation>模型平均在多少个同样可能的词元之间犹豫。1 表示完全确定。</translation>
    </message>
    <message>
        <source>of %1 experts took part</source>
        <translation>的专家参与（共 %1 个）</translation>
    </message>
    <message>
        <source>%1 of %2, over all layers; each token is sent to %3 in a layer</source>
        <translation>所有层中 %2 个里的 %1 个；每个词元在一层中被送往 %3 个</translation>
    </message>
    <message>
        <source>of the weights read for a token</source>
        <translation>的权重为一个词元而读取</translation>
    </message>
    <message>
        <source>All these tokens together read %1 of the model&apos;s weights.</source>
        <translation>这些词元总共读取了模型权重的 %1。</translation>
    </message>
    <message>
        <source>A dense model reads all of its weights for every token.</source>
        <translation>稠密模型为每个词元读取全部权重。</translation>
    </message>
</context>
<context>
    <name>hearth::ui::TokenDetail</name>
    <message>
        <source>The token and what it might have been</source>
        <translation>词元及其可能的替代</translation>
    </message>
    <message>
        <source>Click a token, or press Space, to pin it for comparing.</source>
        <translation>点击词元或按空格键，将其固定以便比较。</translation>
    </message>
    <message>
        <source>Least expected</source>
        <translation>最意外的</translation>
    </message>
    <message>
        <source>Token %1 of %2</source>
        <translation>第 %1 个词元，共 %2 个</translation>
    </message>
    <message>
        <source>Pinned</source>
        <translation>已固定</translation>
    </message>
    <message>
        <source>same experts</source>
        <translation>相同专家</translation>
    </message>
</context>
<context>
    <name>hearth::ui::TokenView</name>
    <message>
        <source>Tokens of the answer</source>
        <translation>回答的词元</translation>
    </message>
    <message>
        <source>Arrow keys go from token to token, Space pins one, Shift selects.</source>
        <translation>方向键在词元间移动，空格键固定，Shift 键选择。</translation>
    </message>
</context>
<context>
    <name>hearth::ui::ReasoningSection</name>
    <message>
        <source>%1 s</source>
        <translation>%1 秒</translation>
    </message>
    <message>
        <source>%1 min %2 s</source>
        <translation>%1 分 %2 秒</translation>
    </message>
    <message>
        <source>Thinking …</source>
        <translation>正在思考…</translation>
    </message>
    <message>
        <source>Thinking … %1</source>
        <translation>正在思考… %1</translation>
    </message>
    <message>
        <source>Thought for %1</source>
        <translation>已思考 %1</translation>
    </message>
    <message>
        <source>Reasoning</source>
        <translation>思考过程</translation>
    </message>
</context>
</TS>
