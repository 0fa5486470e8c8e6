<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
<context>
    <name>scoutview</name>
    <message>
        <source> and </source>
        <translation>与</translation>
    </message>
    <message>
        <source> or </source>
        <translation>或</translation>
    </message>
    <message>
        <source> – </source>
        <translation> – </translation>
    </message>
    <message numerus="yes">
        <source>%n DICOM files could not be opened</source>
        <translation><numerusform>%n 个 DICOM 文件无法打开</numerusform></translation>
    </message>
    <message numerus="yes">
        <source>%n contours lie between or beyond the images that are open.</source>
        <translation><numerusform>%n 条轮廓位于已打开的图像之间或范围之外。</numerusform></translation>
    </message>
    <message numerus="yes">
        <source>%n contours lie in another plane: shown where the images cut them, in whole pixels.</source>
        <translation><numerusform>%n 条轮廓位于其他平面：在与图像相交处按整像素显示。</numerusform></translation>
    </message>
    <message numerus="yes">
        <source>%n files skipped</source>
        <translation><numerusform>跳过 %n 个文件</numerusform></translation>
    </message>
    <message numerus="yes">
        <source>%n files written</source>
        <translation><numerusform>已写入 %n 个文件</numerusform></translation>
    </message>
    <message numerus="yes">
        <source>%n frames</source>
        <translation><numerusform>%n 帧</numerusform></translation>
    </message>
    <message numerus="yes">
        <source>%n images</source>
        <translation><numerusform>%n 幅图像</numerusform></translation>
    </message>
    <message numerus="yes">
        <source>%n images are missing of {slices} slices × {points} {plural}: {named} of {points}.</source>
        <translation><numerusform>缺少 %n 幅图像（应为 {slices} 层 × {points} 个{plural}）：{named}，应各有 {points} 幅。</numerusform></translation>
    </message>
    <message numerus="yes">
        <source>%n missing here</source>
        <translation><numerusform>此处缺少 %n 幅</numerusform></translation>
    </message>
    <message numerus="yes">
        <source>%n models</source>
        <translation><numerusform>%n 个模型</numerusform></translation>
    </message>
    <message numerus="yes">
        <source>%n more</source>
        <translation><numerusform>另外 %n 处</numerusform></translation>
    </message>
    <message numerus="yes">
        <source>%n more slices lack some</source>
        <translation><numerusform>另有 %n 层不完整</numerusform></translation>
    </message>
    <message numerus="yes">
        <source>%n objects</source>
        <translation><numerusform>%n 个对象</numerusform></translation>
    </message>
    <message numerus="yes">
        <source>%n objects that are no images</source>
        <translation><numerusform>%n 个非图像对象</numerusform></translation>
    </message>
    <message numerus="yes">
        <source>%n of its contours are damaged and left out.</source>
        <translation><numerusform>%n 条轮廓已损坏，未予显示。</numerusform></translation>
    </message>
    <message numerus="yes">
        <source>%n other files are not DICOM</source>
        <translation><numerusform>另有 %n 个文件不是 DICOM</numerusform></translation>
    </message>
    <message numerus="yes">
        <source>%n series</source>
        <translation><numerusform>%n 个序列</numerusform></translation>
    </message>
    <message numerus="yes">
        <source>%n slices</source>
        <translation><numerusform>%n 层</numerusform></translation>
    </message>
    <message numerus="yes">
        <source>%n studies</source>
        <translation><numerusform>%n 个检查</numerusform></translation>
    </message>
    <message numerus="yes">
        <source>%n views</source>
        <comment>of the heart or the patient</comment>
        <translation><numerusform>%n 个视角</numerusform></translation>
    </message>
    <message>
        <source>&amp;AI</source>
        <translation>AI(&amp;A)</translation>
    </message>
    <message>
        <source>&amp;About Scoutview</source>
        <translation>关于 Scoutview(&amp;A)</translation>
    </message>
    <message>
        <source>&amp;Angle</source>
        <translation>角度(&amp;A)</translation>
    </message>
    <message>
        <source>&amp;Automatic window</source>
        <translation>自动窗(&amp;A)</translation>
    </message>
    <message>
        <source>&amp;Bidirectional</source>
        <translation>双径(&amp;B)</translation>
    </message>
    <message>
        <source>&amp;Clear measurements of this study</source>
        <translation>清除该检查的测量(&amp;C)</translation>
    </message>
    <message>
        <source>&amp;Close studies</source>
        <translation>关闭检查(&amp;C)</translation>
    </message>
    <message>
        <source>&amp;Cobb angle</source>
        <translation>Cobb 角(&amp;C)</translation>
    </message>
    <message>
        <source>&amp;Colours</source>
        <translation>颜色(&amp;C)</translation>
    </message>
    <message>
        <source>&amp;Copy picture</source>
        <translation>复制图片(&amp;C)</translation>
    </message>
    <message>
        <source>&amp;Delete the selected measurement</source>
        <translation>删除选中的测量(&amp;D)</translation>
    </message>
    <message>
        <source>&amp;Distance</source>
        <translation>距离(&amp;D)</translation>
    </message>
    <message>
        <source>&amp;Edit</source>
        <translation>编辑(&amp;E)</translation>
    </message>
    <message>
        <source>&amp;Edit window presets…</source>
        <translation>编辑窗预设(&amp;E)…</translation>
    </message>
    <message>
        <source>&amp;Export…</source>
        <translation>导出(&amp;E)…</translation>
    </message>
    <message>
        <source>&amp;File</source>
        <translation>文件(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Find a command…</source>
        <translation>查找命令(&amp;F)…</translation>
    </message>
    <message>
        <source>&amp;First image</source>
        <translation>第一幅图像(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Fit to window</source>
        <translation>适合窗口(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Freehand region</source>
        <translation>手绘区域(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Fuse with</source>
        <translation>融合(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Go to</source>
        <translation>转到(&amp;G)</translation>
    </message>
    <message>
        <source>&amp;Hang by the protocol that fits</source>
        <translation>按匹配的挂片协议排列(&amp;H)</translation>
    </message>
    <message>
        <source>&amp;Hanging protocols</source>
        <translation>挂片协议(&amp;H)</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>帮助(&amp;H)</translation>
    </message>
    <message>
        <source>&amp;Invert greys</source>
        <translation>反色(&amp;I)</translation>
    </message>
    <message>
        <source>&amp;Keyboard and mouse</source>
        <translation>键盘与鼠标(&amp;K)</translation>
    </message>
    <message>
        <source>&amp;Last image</source>
        <translation>最后一幅图像(&amp;L)</translation>
    </message>
    <message>
        <source>&amp;Layout</source>
        <translation>布局(&amp;L)</translation>
    </message>
    <message>
        <source>&amp;Leave what is being drawn, then the tool</source>
        <translation>放弃绘制，再退出工具(&amp;L)</translation>
    </message>
    <message>
        <source>&amp;Magnifier</source>
        <translation>放大镜(&amp;M)</translation>
    </message>
    <message>
        <source>&amp;Measure</source>
        <translation>测量(&amp;M)</translation>
    </message>
    <message>
        <source>&amp;Measure this monitor…</source>
        <translation>测量此显示器(&amp;M)…</translation>
    </message>
    <message>
        <source>&amp;Name the measurement…</source>
        <translation>为测量命名(&amp;N)…</translation>
    </message>
    <message>
        <source>&amp;Next image</source>
        <translation>下一幅图像(&amp;N)</translation>
    </message>
    <message>
        <source>&amp;Next series</source>
        <translation>下一个序列(&amp;N)</translation>
    </message>
    <message>
        <source>&amp;One window for a series</source>
        <translation>同一序列共用窗宽窗位(&amp;O)</translation>
    </message>
    <message>
        <source>&amp;Pan</source>
        <translation>平移(&amp;P)</translation>
    </message>
    <message>
        <source>&amp;Planes through the volume</source>
        <translation>多平面重建(&amp;P)</translation>
    </message>
    <message>
        <source>&amp;Previous image</source>
        <translation>上一幅图像(&amp;P)</translation>
    </message>
    <message>
        <source>&amp;Previous series</source>
        <translation>上一个序列(&amp;P)</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>退出(&amp;Q)</translation>
    </message>
    <message>
        <source>&amp;Rectangle</source>
        <translation>矩形(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;Redo</source>
        <translation>重做(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;Redo {what}</source>
        <translation>重做{what}(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;Reference lines</source>
        <translation>定位线(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;Reset view</source>
        <translation>重置视图(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;Run model</source>
        <translation>运行模型(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;Save the layout…</source>
        <translation>保存布局(&amp;S)…</translation>
    </message>
    <message>
        <source>&amp;Scroll</source>
        <translation>滚动(&amp;S)</translation>
    </message>
    <message>
        <source>&amp;Settings…</source>
        <translation>设置(&amp;S)…</translation>
    </message>
    <message>
        <source>&amp;Text on the image</source>
        <translation>图像文字(&amp;T)</translation>
    </message>
    <message>
        <source>&amp;Tools</source>
        <translation>工具(&amp;T)</translation>
    </message>
    <message>
        <source>&amp;Undo</source>
        <translation>撤销(&amp;U)</translation>
    </message>
    <message>
        <source>&amp;Undo {what}</source>
        <translation>撤销{what}(&amp;U)</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>视图(&amp;V)</translation>
    </message>
    <message>
        <source>&amp;Window</source>
        <translation>调窗(&amp;W)</translation>
    </message>
    <message>
        <source>&amp;Zoom</source>
        <translation>缩放(&amp;Z)</translation>
    </message>
    <message>
        <source>&amp;Zoom and pan together</source>
        <translation>同步缩放与平移(&amp;Z)</translation>
    </message>
    <message>
        <source>({why})</source>
        <translation>（{why}）</translation>
    </message>
    <message>
        <source>, </source>
        <translation>、</translation>
    </message>
    <message>
        <source>, frame {numbers}</source>
        <translation>，第 {numbers} 帧</translation>
    </message>
    <message>
        <source>: </source>
        <translation>：</translation>
    </message>
    <message>
        <source>; </source>
        <translation>；</translation>
    </message>
    <message>
        <source>A chest radiograph, CT, MR and an ultrasound cine, with the lung fields marked by AI.</source>
        <translation>胸片、CT、MR 和超声动态图像，由 AI 标出肺野。</translation>
    </message>
    <message>
        <source>A click goes to that image.</source>
        <translation>单击可转到相应图像。</translation>
    </message>
    <message>
        <source>A difference needs both the original and the AI-enhanced series.</source>
        <translation>计算差值需要原始序列和 AI 增强序列。</translation>
    </message>
    <message>
        <source>A larger brush for masks (Alt + wheel)</source>
        <translation>增大掩膜画笔（Alt + 滚轮）</translation>
    </message>
    <message>
        <source>A length cannot be calibrated here</source>
        <translation>此处的长度无法校准</translation>
    </message>
    <message>
        <source>A lookup table of the file. A window replaces it.</source>
        <translation>文件自带查找表。设定窗宽窗位后将取代它。</translation>
    </message>
    <message>
        <source>A millimetre as a millimetre of the screen</source>
        <translation>一毫米在屏幕上即为一毫米</translation>
    </message>
    <message>
        <source>A plane cannot be cut again</source>
        <translation>无法再次重建该平面</translation>
    </message>
    <message>
        <source>A preset needs a name.</source>
        <translation>预设需要名称。</translation>
    </message>
    <message>
        <source>A right click without a drag opens the menu. Measurements and the bars of images and phases are always moved with the left button. Two fingers on a touchpad zoom by pinching.</source>
        <translation>右键单击（不拖动）打开菜单。测量以及图像和时相滑条始终用左键移动。在触控板上用两指捏合缩放。</translation>
    </message>
    <message>
        <source>A smaller brush for masks (Alt + wheel)</source>
        <translation>减小掩膜画笔（Alt + 滚轮）</translation>
    </message>
    <message>
        <source>A viewer for medical images with AI models built in. Apache-2.0.</source>
        <translation>内置 AI 模型的医学图像阅片软件。Apache-2.0。</translation>
    </message>
    <message>
        <source>AI &amp;difference</source>
        <translation>AI 差值(&amp;D)</translation>
    </message>
    <message>
        <source>AI difference</source>
        <translation>AI 差值</translation>
    </message>
    <message>
        <source>AI overlays that show are drawn in, always with their mark; fusion and lines of other views only in what is on screen. File names never hold identity; files of the same names are replaced.</source>
        <translation>正在显示的 AI 叠加会一并绘入，并始终带有标记；融合和其他视图的线条只绘入屏幕上显示的内容。文件名不含身份信息；同名文件将被替换。</translation>
    </message>
    <message>
        <source>AI result. {research_use}</source>
        <translation>AI 结果。{research_use}</translation>
    </message>
    <message>
        <source>AI-enhanced</source>
        <translation>AI 增强</translation>
    </message>
    <message>
        <source>AI-enhanced DICOM series</source>
        <translation>AI 增强的 DICOM 序列</translation>
    </message>
    <message>
        <source>AI-enhanced: noise was reduced by a model. Compare with the original before you rely on it.</source>
        <translation>AI 增强：模型降低了噪声。采信之前请与原始图像对照。</translation>
    </message>
    <message>
        <source>AI: {model}</source>
        <translation>AI：{model}</translation>
    </message>
    <message>
        <source>Abdomen</source>
        <translation>腹窗</translation>
    </message>
    <message>
        <source>About Scoutview</source>
        <translation>关于 Scoutview</translation>
    </message>
    <message>
        <source>About {title}: data, numbers and limits</source>
        <translation>关于“{title}”：数据、指标与局限</translation>
    </message>
    <message>
        <source>Acc {accession}</source>
        <translation>检查号 {accession}</translation>
    </message>
    <message>
        <source>Accept finding</source>
        <translation>接受所见</translation>
    </message>
    <message>
        <source>Accept {kind}</source>
        <translation>接受{kind}</translation>
    </message>
    <message>
        <source>Accepted</source>
        <translation>已接受</translation>
    </message>
    <message>
        <source>Add</source>
        <translation>添加</translation>
    </message>
    <message>
        <source>Add {what}</source>
        <translation>添加{what}</translation>
    </message>
    <message>
        <source>Age unknown: the header does not say how old the patient is.</source>
        <translation>年龄未知：文件头未说明患者年龄。</translation>
    </message>
    <message>
        <source>All {count} images, numbered</source>
        <translation>全部 {count} 幅图像，按序编号</translation>
    </message>
    <message>
        <source>All {count} views, as they are arranged</source>
        <translation>全部 {count} 个视图，按当前排列</translation>
    </message>
    <message>
        <source>Also: {keys}</source>
        <translation>还有：{keys}</translation>
    </message>
    <message>
        <source>Alt + wheel sizes the brush; Shift changes between painting and erasing.</source>
        <translation>Alt + 滚轮调整画笔大小；按住 Shift 在绘制与擦除之间切换。</translation>
    </message>
    <message>
        <source>An AI-enhanced series of this one is open.</source>
        <translation>此序列的 AI 增强序列已打开。</translation>
    </message>
    <message>
        <source>Angio</source>
        <translation>血管窗</translation>
    </message>
    <message>
        <source>Angle</source>
        <translation>角度</translation>
    </message>
    <message>
        <source>Annotations</source>
        <translation>标注</translation>
    </message>
    <message>
        <source>Anterior first</source>
        <translation>前侧先进</translation>
    </message>
    <message>
        <source>Area {area}</source>
        <translation>面积 {area}</translation>
    </message>
    <message>
        <source>Arrange the study by its protocol</source>
        <translation>按挂片协议排列该检查</translation>
    </message>
    <message>
        <source>Arrange the tool bar…</source>
        <translation>排列工具栏…</translation>
    </message>
    <message>
        <source>Arranges a study as it opens where a protocol of several views surely fits it: automatic, ask or off.</source>
        <translation>打开检查时，若某个多视图挂片协议确定匹配，则按其排列：自动、询问或关闭。</translation>
    </message>
    <message>
        <source>Arro&amp;w</source>
        <translation>箭头(&amp;W)</translation>
    </message>
    <message>
        <source>Arrow</source>
        <translation>箭头</translation>
    </message>
    <message>
        <source>As in the view: its zoom, its part of the image</source>
        <translation>与视图一致：其缩放与所见部分</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>跟随系统</translation>
    </message>
    <message>
        <source>Ask for the file again from where it came.</source>
        <translation>请向来源处重新索取该文件。</translation>
    </message>
    <message>
        <source>Ask for the file again.</source>
        <translation>请重新索取该文件。</translation>
    </message>
    <message>
        <source>Ask with a button</source>
        <translation>用按钮询问</translation>
    </message>
    <message>
        <source>Attention</source>
        <translation>注意力</translation>
    </message>
    <message>
        <source>Attention, head {number}</source>
        <translation>注意力，第 {number} 头</translation>
    </message>
    <message>
        <source>Author</source>
        <translation>作者</translation>
    </message>
    <message>
        <source>Auto</source>
        <translation>自动</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>自动</translation>
    </message>
    <message>
        <source>Axial</source>
        <translation>轴位</translation>
    </message>
    <message>
        <source>Axial, coronal and sagittal</source>
        <translation>轴位、冠状位和矢状位</translation>
    </message>
    <message>
        <source>Back to AI-enhanced</source>
        <translation>返回 AI 增强</translation>
    </message>
    <message>
        <source>Bar to measure</source>
        <translation>待测量的标尺</translation>
    </message>
    <message>
        <source>Bidirectional</source>
        <translation>双径</translation>
    </message>
    <message>
        <source>Blending</source>
        <translation>正在混合</translation>
    </message>
    <message>
        <source>Body part unknown: the header does not name one.</source>
        <translation>部位未知：文件头未说明部位。</translation>
    </message>
    <message>
        <source>Bone</source>
        <translation>骨窗</translation>
    </message>
    <message>
        <source>Born {birth}</source>
        <translation>出生 {birth}</translation>
    </message>
    <message>
        <source>Both sides</source>
        <translation>双侧</translation>
    </message>
    <message>
        <source>Brain</source>
        <translation>脑窗</translation>
    </message>
    <message>
        <source>Bright: more of this would raise the score of {name}. It shows where the model looked, not that this is the reason.</source>
        <translation>亮处：此处特征越强，“{name}”的得分越高。它只显示模型看了哪里，并不说明这就是原因。</translation>
    </message>
    <message>
        <source>Bright: the answer rests more on this place, as a share of the brightest. It shows where the model looked, not that this is the reason.</source>
        <translation>亮处：结果更多依据此处，以最亮处为 1。它只显示模型看了哪里，并不说明这就是原因。</translation>
    </message>
    <message>
        <source>Brush</source>
        <translation>画笔</translation>
    </message>
    <message>
        <source>Brush of {size:.3g} pixels</source>
        <translation>画笔 {size:.3g} 像素</translation>
    </message>
    <message>
        <source>By itself</source>
        <translation>自动</translation>
    </message>
    <message>
        <source>CT: three planes</source>
        <translation>CT：三个平面</translation>
    </message>
    <message>
        <source>Cali&amp;brate by hand…</source>
        <translation>手动校准(&amp;B)…</translation>
    </message>
    <message>
        <source>Calibrate</source>
        <translation>校准</translation>
    </message>
    <message>
        <source>Calibrate by hand</source>
        <translation>手动校准</translation>
    </message>
    <message>
        <source>Calibrate by hand: draw a line of known length</source>
        <translation>手动校准：画一条已知长度的线</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Cannot copy {file}</source>
        <translation>无法复制 {file}</translation>
    </message>
    <message>
        <source>Cannot cut planes through the series</source>
        <translation>无法对该序列进行多平面重建</translation>
    </message>
    <message>
        <source>Cannot cut planes through the series: {count} images are missing</source>
        <translation>无法对该序列进行多平面重建：缺少 {count} 幅图像</translation>
    </message>
    <message>
        <source>Cannot decode the image</source>
        <translation>无法解码图像</translation>
    </message>
    <message>
        <source>Cannot fuse the series</source>
        <translation>无法融合该序列</translation>
    </message>
    <message>
        <source>Cannot open the series: its {count} images need {size:.1f} GB of memory</source>
        <translation>无法打开该序列：其 {count} 幅图像需要 {size:.1f} GB 内存</translation>
    </message>
    <message>
        <source>Cannot open {path}</source>
        <translation>无法打开 {path}</translation>
    </message>
    <message>
        <source>Cannot read the file</source>
        <translation>无法读取文件</translation>
    </message>
    <message>
        <source>Cannot read the image</source>
        <translation>无法读取图像</translation>
    </message>
    <message>
        <source>Cannot read {path}</source>
        <translation>无法读取 {path}</translation>
    </message>
    <message>
        <source>Cannot show the document</source>
        <translation>无法显示文档</translation>
    </message>
    <message>
        <source>Cannot show this video</source>
        <translation>无法显示此视频</translation>
    </message>
    <message>
        <source>Cannot show {name}</source>
        <translation>无法显示 {name}</translation>
    </message>
    <message>
        <source>Cannot use the series: {missing} of {all} images are missing</source>
        <translation>无法使用该序列：{all} 幅图像中缺少 {missing} 幅</translation>
    </message>
    <message>
        <source>Cannot write {picture}</source>
        <translation>无法写入 {picture}</translation>
    </message>
    <message>
        <source>Centre</source>
        <translation>窗位</translation>
    </message>
    <message>
        <source>Change now</source>
        <translation>立即切换</translation>
    </message>
    <message>
        <source>Check that it is still there.</source>
        <translation>请确认文件仍在原处。</translation>
    </message>
    <message>
        <source>Check the path, or choose another folder.</source>
        <translation>请检查路径，或选择其他文件夹。</translation>
    </message>
    <message>
        <source>Check the path.</source>
        <translation>请检查路径。</translation>
    </message>
    <message>
        <source>Check this result: the image does not look like those that the model learnt from.</source>
        <translation>请核对此结果：该图像与模型学习过的图像不相似。</translation>
    </message>
    <message>
        <source>Check this result: {objection}.</source>
        <translation>请核查此结果：{objection}。</translation>
    </message>
    <message>
        <source>Chest radiograph: PA and lateral</source>
        <translation>胸片：正位与侧位</translation>
    </message>
    <message>
        <source>Choose Automatic under Device, and run it again.</source>
        <translation>请在“运行设备”中选择“自动”，然后重新运行。</translation>
    </message>
    <message>
        <source>Choose GIF.</source>
        <translation>请选择 GIF。</translation>
    </message>
    <message>
        <source>Choose a folder that you may write to.</source>
        <translation>请选择您有写入权限的文件夹。</translation>
    </message>
    <message>
        <source>Choose a shorter path.</source>
        <translation>请选择较短的路径。</translation>
    </message>
    <message>
        <source>Choose another file.</source>
        <translation>请选择其他文件。</translation>
    </message>
    <message>
        <source>Choose another folder, or raise the limit.</source>
        <translation>请选择其他文件夹，或提高限额。</translation>
    </message>
    <message>
        <source>Choose another folder.</source>
        <translation>请选择其他文件夹。</translation>
    </message>
    <message>
        <source>Choose another point of its fourth axis.</source>
        <translation>请选择第四维的其他位置。</translation>
    </message>
    <message>
        <source>Choose another series.</source>
        <translation>请选择其他序列。</translation>
    </message>
    <message>
        <source>Choose another settings folder, or free some space.</source>
        <translation>请选择其他设置文件夹，或释放一些空间。</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>选择…</translation>
    </message>
    <message>
        <source>Cine</source>
        <translation>电影</translation>
    </message>
    <message>
        <source>Cine plays round and round.</source>
        <translation>电影循环播放。</translation>
    </message>
    <message>
        <source>Cine plays to and fro.</source>
        <translation>电影往返播放。</translation>
    </message>
    <message>
        <source>Cine to an&amp;d fro</source>
        <translation>电影往返(&amp;D)</translation>
    </message>
    <message>
        <source>Clear measurements</source>
        <translation>清除测量</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Close fusion</source>
        <translation>关闭融合</translation>
    </message>
    <message>
        <source>Close other programs and try again.</source>
        <translation>请关闭其他程序后重试。</translation>
    </message>
    <message>
        <source>Close other programs or other studies, and try again.</source>
        <translation>请关闭其他程序或其他检查后重试。</translation>
    </message>
    <message>
        <source>Close other series or programs, or open fewer images.</source>
        <translation>请关闭其他序列或程序，或减少打开的图像。</translation>
    </message>
    <message>
        <source>Close other series or programs.</source>
        <translation>请关闭其他序列或程序。</translation>
    </message>
    <message>
        <source>Close planes</source>
        <translation>关闭多平面重建</translation>
    </message>
    <message>
        <source>Close studies</source>
        <translation>关闭检查</translation>
    </message>
    <message>
        <source>Close the pol&amp;ygon</source>
        <translation>闭合多边形(&amp;Y)</translation>
    </message>
    <message>
        <source>Close the studies?</source>
        <translation>关闭这些检查？</translation>
    </message>
    <message>
        <source>Cobb angle</source>
        <translation>Cobb 角</translation>
    </message>
    <message>
        <source>Colour</source>
        <translation>彩色</translation>
    </message>
    <message>
        <source>Colour images are shown as they are: they have no window.</source>
        <translation>彩色图像按原样显示，没有窗宽窗位。</translation>
    </message>
    <message>
        <source>Colour images have no window.</source>
        <translation>彩色图像没有窗宽窗位。</translation>
    </message>
    <message>
        <source>Colour map</source>
        <translation>色表</translation>
    </message>
    <message>
        <source>Colour, inverted</source>
        <translation>彩色，反色</translation>
    </message>
    <message>
        <source>Command</source>
        <translation>命令</translation>
    </message>
    <message>
        <source>Commands</source>
        <translation>命令</translation>
    </message>
    <message>
        <source>Commands and their keys</source>
        <translation>命令及其按键</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>对比</translation>
    </message>
    <message>
        <source>Compare two patients?</source>
        <translation>对比两位患者？</translation>
    </message>
    <message>
        <source>Complete</source>
        <translation>完整</translation>
    </message>
    <message>
        <source>Convert it to an uncompressed file.</source>
        <translation>请将其转换为未压缩的文件。</translation>
    </message>
    <message>
        <source>Convert it with another tool, for example dcmconv or gdcmconv, to an uncompressed file.</source>
        <translation>请用其他工具（例如 dcmconv 或 gdcmconv）将其转换为未压缩的文件。</translation>
    </message>
    <message>
        <source>Copy details</source>
        <translation>复制详细信息</translation>
    </message>
    <message>
        <source>Copy list</source>
        <translation>复制列表</translation>
    </message>
    <message>
        <source>Copy text</source>
        <translation>复制文本</translation>
    </message>
    <message>
        <source>Copy the view, without the patient's name</source>
        <translation>复制视图，不含患者姓名</translation>
    </message>
    <message>
        <source>Coronal</source>
        <translation>冠状位</translation>
    </message>
    <message>
        <source>Correct the file, or remove it.</source>
        <translation>请更正或删除该文件。</translation>
    </message>
    <message>
        <source>Ctrl + wheel</source>
        <translation>Ctrl + 滚轮</translation>
    </message>
    <message>
        <source>Curve written.</source>
        <translation>曲线已写入。</translation>
    </message>
    <message>
        <source>Custom</source>
        <translation>自定义</translation>
    </message>
    <message>
        <source>Cutting overlays</source>
        <translation>正在重建叠加</translation>
    </message>
    <message>
        <source>Cutting planes</source>
        <translation>重建平面</translation>
    </message>
    <message>
        <source>DICOM Segmentation</source>
        <translation>DICOM 分割</translation>
    </message>
    <message>
        <source>DICOM's, for PET</source>
        <translation>DICOM 标准色表，用于 PET</translation>
    </message>
    <message>
        <source>DICOM's, for fusion</source>
        <translation>DICOM 标准色表，用于融合</translation>
    </message>
    <message>
        <source>DICOM's, for nuclear medicine</source>
        <translation>DICOM 标准色表，用于核医学</translation>
    </message>
    <message>
        <source>DICOM's, twenty plain colours</source>
        <translation>DICOM 标准色表，二十级纯色</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>深色</translation>
    </message>
    <message>
        <source>Date</source>
        <translation>日期</translation>
    </message>
    <message>
        <source>Default</source>
        <translation>默认</translation>
    </message>
    <message>
        <source>Default key of the chosen command</source>
        <translation>所选命令的默认按键</translation>
    </message>
    <message>
        <source>Defaults</source>
        <translation>默认值</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>Delete measurement</source>
        <translation>删除测量</translation>
    </message>
    <message>
        <source>Delete the selected measurement; while a polygon is drawn, its last corner</source>
        <translation>删除选中的测量；绘制多边形时，删除其最后一个顶点</translation>
    </message>
    <message>
        <source>Delete {what}</source>
        <translation>删除{what}</translation>
    </message>
    <message>
        <source>Device that models run on</source>
        <translation>运行模型的设备</translation>
    </message>
    <message>
        <source>Difference</source>
        <translation>差值</translation>
    </message>
    <message>
        <source>Difference: AI-enhanced − original</source>
        <translation>差值：AI 增强 − 原始</translation>
    </message>
    <message>
        <source>Distance</source>
        <translation>距离</translation>
    </message>
    <message>
        <source>Document</source>
        <translation>文档</translation>
    </message>
    <message>
        <source>Does</source>
        <translation>作用</translation>
    </message>
    <message>
        <source>Double click</source>
        <translation>双击</translation>
    </message>
    <message>
        <source>Down</source>
        <translation>下移</translation>
    </message>
    <message>
        <source>Draw a region, or select one, and it is followed through time.</source>
        <translation>请绘制或选中一个感兴趣区，然后随时间追踪。</translation>
    </message>
    <message>
        <source>Draw a region, or select one, and the window is fitted to it.</source>
        <translation>请绘制或选中一个感兴趣区，窗宽窗位将与其匹配。</translation>
    </message>
    <message>
        <source>Drawing a page</source>
        <translation>正在绘制页面</translation>
    </message>
    <message>
        <source>Drawn in</source>
        <translation>绘入内容</translation>
    </message>
    <message>
        <source>Drop DICOM files or folders here, or choose them.</source>
        <translation>将 DICOM 文件或文件夹拖放到此处，或进行选择。</translation>
    </message>
    <message>
        <source>Drop a series here</source>
        <translation>将序列拖放到此处</translation>
    </message>
    <message>
        <source>Drop to open</source>
        <translation>松开以打开</translation>
    </message>
    <message>
        <source>E&amp;llipse</source>
        <translation>椭圆(&amp;L)</translation>
    </message>
    <message>
        <source>Earlier measurements cannot be read</source>
        <translation>无法读取先前的测量</translation>
    </message>
    <message>
        <source>Edit</source>
        <translation>编辑</translation>
    </message>
    <message>
        <source>Edit mask</source>
        <translation>编辑掩膜</translation>
    </message>
    <message>
        <source>Edit the mask of {kind}</source>
        <translation>编辑 {kind} 的掩膜</translation>
    </message>
    <message>
        <source>Edited by the reader</source>
        <translation>已由阅片者编辑</translation>
    </message>
    <message>
        <source>Ellipse</source>
        <translation>椭圆</translation>
    </message>
    <message>
        <source>Ember</source>
        <translation>余烬色</translation>
    </message>
    <message>
        <source>Encapsulated document</source>
        <translation>封装文档</translation>
    </message>
    <message>
        <source>Enlarge what lies under the pointer, while the key is held; from a menu, until Esc</source>
        <translation>按住按键时放大指针下的图像；从菜单选择时，按 Esc 结束</translation>
    </message>
    <message>
        <source>Enter or double click closes</source>
        <translation>按 Enter 或双击以闭合</translation>
    </message>
    <message>
        <source>Erase from a mas&amp;k</source>
        <translation>擦除掩膜(&amp;K)</translation>
    </message>
    <message>
        <source>Erase from the mask of a model: Shift paints, Alt + wheel sizes the brush</source>
        <translation>擦除模型的掩膜：按住 Shift 绘制，Alt + 滚轮调整画笔大小</translation>
    </message>
    <message>
        <source>Erase {name}</source>
        <translation>擦除 {name}</translation>
    </message>
    <message>
        <source>Eraser</source>
        <translation>橡皮擦</translation>
    </message>
    <message>
        <source>Every image has its own frame of reference: this stack cannot be linked to others by position.</source>
        <translation>每幅图像各有自己的参考坐标系：此图像堆栈无法按位置与其他序列联动。</translation>
    </message>
    <message>
        <source>Explain {title}: how it was made and how far it can be trusted</source>
        <translation>说明{title}：如何制成，可信到什么程度</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>导出</translation>
    </message>
    <message>
        <source>Export CSV…</source>
        <translation>导出 CSV…</translation>
    </message>
    <message>
        <source>Export p&amp;ictures…</source>
        <translation>导出图片(&amp;I)…</translation>
    </message>
    <message>
        <source>Export pictures</source>
        <translation>导出图片</translation>
    </message>
    <message>
        <source>Export progress</source>
        <translation>导出进度</translation>
    </message>
    <message>
        <source>Export report, segmentation or pictures</source>
        <translation>导出报告、分割或图片</translation>
    </message>
    <message>
        <source>Export the curve</source>
        <translation>导出曲线</translation>
    </message>
    <message>
        <source>Exporting</source>
        <translation>导出</translation>
    </message>
    <message>
        <source>Exporting pictures</source>
        <translation>导出图片</translation>
    </message>
    <message>
        <source>Exporting the curve</source>
        <translation>导出曲线</translation>
    </message>
    <message>
        <source>F&amp;ull screen</source>
        <translation>全屏(&amp;U)</translation>
    </message>
    <message>
        <source>Feet first</source>
        <translation>足先进</translation>
    </message>
    <message>
        <source>Female</source>
        <translation>女</translation>
    </message>
    <message>
        <source>File</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>File format</source>
        <translation>文件格式</translation>
    </message>
    <message>
        <source>File's speed</source>
        <translation>文件速度</translation>
    </message>
    <message>
        <source>File: lookup table {number}</source>
        <translation>文件：查找表 {number}</translation>
    </message>
    <message>
        <source>File: {window}</source>
        <translation>文件：{window}</translation>
    </message>
    <message>
        <source>Final</source>
        <translation>最终</translation>
    </message>
    <message>
        <source>Find a command</source>
        <translation>查找命令</translation>
    </message>
    <message>
        <source>Find a command by any of its words</source>
        <translation>按任意词语查找命令</translation>
    </message>
    <message>
        <source>Find a command or a key</source>
        <translation>查找命令或按键</translation>
    </message>
    <message>
        <source>Fit the window to the region</source>
        <translation>使窗宽窗位与感兴趣区匹配</translation>
    </message>
    <message>
        <source>Flip &amp;horizontally</source>
        <translation>左右翻转(&amp;H)</translation>
    </message>
    <message>
        <source>Flip &amp;vertically</source>
        <translation>上下翻转(&amp;V)</translation>
    </message>
    <message>
        <source>Flipped both ways</source>
        <translation>已左右和上下翻转</translation>
    </message>
    <message>
        <source>Flipped left–right</source>
        <translation>已左右翻转</translation>
    </message>
    <message>
        <source>Flipped top–bottom</source>
        <translation>已上下翻转</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>文件夹</translation>
    </message>
    <message>
        <source>Folder to write to</source>
        <translation>写入文件夹</translation>
    </message>
    <message>
        <source>Follow a region through time</source>
        <translation>随时间追踪感兴趣区</translation>
    </message>
    <message>
        <source>Following a region</source>
        <translation>追踪感兴趣区</translation>
    </message>
    <message>
        <source>For all {images} images of this series</source>
        <translation>用于该序列的全部 {images} 幅图像</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>格式</translation>
    </message>
    <message>
        <source>Frame</source>
        <translation>帧</translation>
    </message>
    <message>
        <source>Frame {number} / {count}</source>
        <translation>帧 {number} / {count}</translation>
    </message>
    <message>
        <source>Free some space, or choose another folder.</source>
        <translation>请释放一些空间，或选择其他文件夹。</translation>
    </message>
    <message>
        <source>Freehand</source>
        <translation>手绘区域</translation>
    </message>
    <message>
        <source>From</source>
        <translation>下限</translation>
    </message>
    <message>
        <source>Full range</source>
        <translation>全范围</translation>
    </message>
    <message>
        <source>Fusing</source>
        <translation>融合</translation>
    </message>
    <message>
        <source>Gantry tilt of {tilt:.1f}°: slices are shifted against each other.</source>
        <translation>机架倾斜 {tilt:.1f}°：各层面相互错位。</translation>
    </message>
    <message>
        <source>Gap</source>
        <translation>间隔</translation>
    </message>
    <message>
        <source>General</source>
        <translation>常规</translation>
    </message>
    <message>
        <source>Go to {name}</source>
        <translation>转到 {name}</translation>
    </message>
    <message>
        <source>Go to {name} ({count})</source>
        <translation>转到 {name}（{count}）</translation>
    </message>
    <message>
        <source>Grad-CAM, {name}</source>
        <translation>Grad-CAM，{name}</translation>
    </message>
    <message>
        <source>Graphics card (CUDA)</source>
        <translation>显卡 (CUDA)</translation>
    </message>
    <message>
        <source>Grey</source>
        <translation>灰阶</translation>
    </message>
    <message>
        <source>Hang</source>
        <translation>排列</translation>
    </message>
    <message>
        <source>Hanging protocols</source>
        <translation>挂片协议</translation>
    </message>
    <message>
        <source>Head first</source>
        <translation>头先进</translation>
    </message>
    <message>
        <source>Heat map over the image</source>
        <translation>图像上的热图</translation>
    </message>
    <message>
        <source>Height of the text in the window, in pixels.</source>
        <translation>窗口文字的高度，以像素为单位。</translation>
    </message>
    <message>
        <source>Hide or show the panels; on a measurement, name it</source>
        <translation>隐藏或显示面板；在测量上则为其命名</translation>
    </message>
    <message>
        <source>Hide the studies (View &gt; Panels brings them back)</source>
        <translation>隐藏检查列表（可由“视图 &gt; 面板”恢复）</translation>
    </message>
    <message>
        <source>Hide this panel (View &gt; Panels brings it back)</source>
        <translation>隐藏此面板（可由“视图 &gt; 面板”恢复）</translation>
    </message>
    <message>
        <source>Histogram of {name}</source>
        <translation>{name}的直方图</translation>
    </message>
    <message>
        <source>Hold a ruler against the screen and measure the bar from line to line. True size then is true here.</source>
        <translation>请将直尺贴在屏幕上，测量两条线之间标尺的长度。此后“实际大小”在本显示器上即为准确。</translation>
    </message>
    <message>
        <source>Hot</source>
        <translation>热色</translation>
    </message>
    <message>
        <source>Hot iron</source>
        <translation>热铁色</translation>
    </message>
    <message>
        <source>Hot metal blue</source>
        <translation>热金属蓝</translation>
    </message>
    <message>
        <source>How much memory images of series that were shown before may keep. The series left longest ago goes first.</source>
        <translation>先前显示过的序列的图像可占用多少内存。最久未看的序列最先释放。</translation>
    </message>
    <message>
        <source>How much of what the model did is in the images</source>
        <translation>图像中包含多少模型的处理效果</translation>
    </message>
    <message>
        <source>How strongly overlays cover the image, from 0 to 1.</source>
        <translation>叠加覆盖图像的强度，从 0 到 1。</translation>
    </message>
    <message>
        <source>How the slab is projected</source>
        <translation>厚层的投影方式</translation>
    </message>
    <message>
        <source>How the window looks: dark, light, or system for what the desktop prefers. Images stay on black.</source>
        <translation>窗口外观：深色、浅色，或跟随系统。图像始终以黑色为背景。</translation>
    </message>
    <message>
        <source>Hung by the protocol “{name}”</source>
        <translation>已按挂片协议“{name}”排列</translation>
    </message>
    <message>
        <source>ID {identifier}</source>
        <translation>ID {identifier}</translation>
    </message>
    <message>
        <source>Ice</source>
        <translation>冰色</translation>
    </message>
    <message>
        <source>Icons: Phosphor (MIT). Typefaces: Inter (SIL Open Font License 1.1), Droid Sans Fallback (Apache-2.0).</source>
        <translation>图标：Phosphor (MIT)。字体：Inter (SIL Open Font License 1.1)、Droid Sans Fallback (Apache-2.0)。</translation>
    </message>
    <message>
        <source>Image</source>
        <translation>图像</translation>
    </message>
    <message>
        <source>Image {number}</source>
        <translation>图像 {number}</translation>
    </message>
    <message>
        <source>Image {number} / {count}</source>
        <translation>图像 {number} / {count}</translation>
    </message>
    <message>
        <source>Images</source>
        <translation>图像</translation>
    </message>
    <message>
        <source>Images a second</source>
        <translation>每秒图像数</translation>
    </message>
    <message>
        <source>In this part of the image at least one direction is no length.</source>
        <translation>图像此部分至少有一个方向不是长度。</translation>
    </message>
    <message>
        <source>Inferno</source>
        <translation>Inferno</translation>
    </message>
    <message>
        <source>Install Scoutview again.</source>
        <translation>请重新安装 Scoutview。</translation>
    </message>
    <message>
        <source>Install the model again.</source>
        <translation>请重新安装该模型。</translation>
    </message>
    <message>
        <source>Institution</source>
        <translation>机构</translation>
    </message>
    <message>
        <source>It belongs to its study as a whole.</source>
        <translation>它属于整个检查。</translation>
    </message>
    <message>
        <source>It cannot be laid over these images: it is {size} pixels, the images {other}, and their places in space do not match.</source>
        <translation>无法叠加到这些图像上：它为 {size} 像素，图像为 {other}，且两者的空间位置不匹配。</translation>
    </message>
    <message>
        <source>It cannot be read.</source>
        <translation>无法读取。</translation>
    </message>
    <message>
        <source>It does not lie in the frame of reference of these images.</source>
        <translation>它不在这些图像的参考坐标系内。</translation>
    </message>
    <message>
        <source>It holds {what}.</source>
        <translation>其中有{what}。</translation>
    </message>
    <message>
        <source>It is made anew, and what is open is opened again. Otherwise it changes with the next start.</source>
        <translation>窗口将重新生成，并重新打开当前内容。否则将在下次启动时切换。</translation>
    </message>
    <message>
        <source>It is {what}.</source>
        <translation>它是{what}。</translation>
    </message>
    <message>
        <source>It names no images.</source>
        <translation>它未指明任何图像。</translation>
    </message>
    <message>
        <source>It was set aside as {name}, and a new one was begun. Nothing of this session is lost.</source>
        <translation>该文件已另存为 {name}，并已新建一个。本次工作没有丢失任何内容。</translation>
    </message>
    <message>
        <source>Items nested deeper than {count} levels are left out.</source>
        <translation>嵌套超过 {count} 级的条目未予显示。</translation>
    </message>
    <message>
        <source>Its grid is not that of the images: resampled to the nearest voxel.</source>
        <translation>其网格与图像不同：已重采样到最近的体素。</translation>
    </message>
    <message>
        <source>Its planes are shifted against each other, so it cannot be laid over these images.</source>
        <translation>其各平面相互错位，因此无法叠加到这些图像上。</translation>
    </message>
    <message>
        <source>Keep measurements</source>
        <translation>保存测量</translation>
    </message>
    <message>
        <source>Keep measurements, accepted findings, calibrations by hand and the view of each series for the next time that the study is opened. What was kept before stays until it is deleted.</source>
        <translation>保存测量、已接受的所见、手动校准和每个序列的视图状态，供下次打开该检查时使用。先前保存的内容在删除之前一直保留。</translation>
    </message>
    <message>
        <source>Keeping measurements</source>
        <translation>保存测量</translation>
    </message>
    <message>
        <source>Kept in {file}</source>
        <translation>保存于 {file}</translation>
    </message>
    <message>
        <source>Key for the chosen command: press it</source>
        <translation>所选命令的按键：请直接按下</translation>
    </message>
    <message>
        <source>Key images</source>
        <translation>关键图像</translation>
    </message>
    <message>
        <source>Key images, measurements and AI results on pages to read or print</source>
        <translation>关键图像、测量和 AI 结果，分页排版，便于阅读或打印</translation>
    </message>
    <message>
        <source>Key object selection</source>
        <translation>关键图像选择</translation>
    </message>
    <message>
        <source>Keyboard and mouse</source>
        <translation>键盘与鼠标</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>按键</translation>
    </message>
    <message>
        <source>Keys and mouse</source>
        <translation>按键与鼠标</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>Larger &amp;brush</source>
        <translation>增大画笔(&amp;B)</translation>
    </message>
    <message>
        <source>Larger (+)</source>
        <translation>放大 (+)</translation>
    </message>
    <message>
        <source>Lays where the model looked over the image. It is no proof of what is there.</source>
        <translation>在图像上叠加模型所看之处。它不能证明那里有什么。</translation>
    </message>
    <message>
        <source>Left</source>
        <translation>左</translation>
    </message>
    <message>
        <source>Left drag</source>
        <translation>左键拖动</translation>
    </message>
    <message>
        <source>Left first</source>
        <translation>左侧先进</translation>
    </message>
    <message>
        <source>Left lung</source>
        <translation>左肺</translation>
    </message>
    <message>
        <source>Length of the bar</source>
        <translation>标尺长度</translation>
    </message>
    <message>
        <source>Lengths and areas will be marked as calibrated by hand, on screen, in the list and in reports. They are true in the plane of the object that was measured, and nowhere else in a projection.</source>
        <translation>长度和面积将在屏幕、列表和报告中标记为手动校准。它们只在被测物体所在的平面内成立；在投影图像的其他位置并不成立。</translation>
    </message>
    <message>
        <source>Lengths are at the detector: the projection magnifies, so they are larger than in the patient.</source>
        <translation>长度以探测器平面计：投影有放大作用，因此大于患者体内的实际长度。</translation>
    </message>
    <message>
        <source>Lengths are calibrated by {how}.</source>
        <translation>长度依据{how}校准。</translation>
    </message>
    <message>
        <source>Lengths are calibrated; the file does not say how.</source>
        <translation>长度已校准；文件未说明校准方法。</translation>
    </message>
    <message>
        <source>Lengths are corrected by the estimated magnification factor of {factor:g}.</source>
        <translation>长度已按估计放大率 {factor:g} 修正。</translation>
    </message>
    <message>
        <source>Lengths calibrated by hand: a drawn line was said to be {length_mm:g} mm long ({where}).</source>
        <translation>长度经手动校准：一条所画的线被设定为 {length_mm:g} mm（{where}）。</translation>
    </message>
    <message>
        <source>Lengths hold in the centre of the beam, at the distance that the file assumes.</source>
        <translation>长度在射线束中心、文件假定的距离处成立。</translation>
    </message>
    <message>
        <source>Less noise in CT</source>
        <translation>CT 降噪</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>浅色</translation>
    </message>
    <message>
        <source>Liver</source>
        <translation>肝窗</translation>
    </message>
    <message>
        <source>Liver (portal venous)</source>
        <translation>肝窗（门静脉期）</translation>
    </message>
    <message>
        <source>Loading images</source>
        <translation>加载图像</translation>
    </message>
    <message>
        <source>Loading…</source>
        <translation>正在加载…</translation>
    </message>
    <message>
        <source>Loc {location} mm</source>
        <translation>位置 {location} mm</translation>
    </message>
    <message>
        <source>Long {length}</source>
        <translation>长径 {length}</translation>
    </message>
    <message>
        <source>Look for:  both small squares in every grey step  ·  the 5 % square in black and the 95 % square in white  ·  single lines in the middle and in the corners, none of them grey  ·  a round circle, square cells, the white frame on all four edges.   T hides this, Esc closes.</source>
        <translation>请查看：每一灰阶中的两个小方块  ·  黑底上 5% 与白底上 95% 的方块  ·  中央和四角的单像素线条，均不应发灰  ·  圆形应圆、方格应方，四边白框完整可见。   按 T 隐藏此提示，按 Esc 关闭。</translation>
    </message>
    <message>
        <source>Lossy compressed (ratio {ratio}:1).</source>
        <translation>有损压缩（压缩比 {ratio}:1）。</translation>
    </message>
    <message>
        <source>Lossy compressed.</source>
        <translation>有损压缩。</translation>
    </message>
    <message>
        <source>Lung</source>
        <translation>肺窗</translation>
    </message>
    <message>
        <source>Lung (image left)</source>
        <translation>肺（图像左侧）</translation>
    </message>
    <message>
        <source>Lung (image right)</source>
        <translation>肺（图像右侧）</translation>
    </message>
    <message>
        <source>Lungs</source>
        <translation>双肺</translation>
    </message>
    <message>
        <source>Lungs in CT</source>
        <translation>CT 肺</translation>
    </message>
    <message>
        <source>Lungs on chest radiographs</source>
        <translation>胸片肺野</translation>
    </message>
    <message>
        <source>MIP</source>
        <translation>最大密度投影</translation>
    </message>
    <message>
        <source>MP4 film (AV1)</source>
        <translation>MP4 影片 (AV1)</translation>
    </message>
    <message>
        <source>MR: sequences side by side</source>
        <translation>MR：各序列并排</translation>
    </message>
    <message>
        <source>Magnifier</source>
        <translation>放大镜</translation>
    </message>
    <message>
        <source>Making a series</source>
        <translation>生成序列</translation>
    </message>
    <message>
        <source>Male</source>
        <translation>男</translation>
    </message>
    <message>
        <source>Mammography: CC and MLO</source>
        <translation>乳腺 X 线摄影：CC 与 MLO</translation>
    </message>
    <message>
        <source>Mark a point and its value</source>
        <translation>标记一点及其值</translation>
    </message>
    <message>
        <source>Marks the right and the left lung field on a frontal chest radiograph, the part behind the heart included.</source>
        <translation>在胸部正位片上标出左、右肺野，包括心影后方的部分。</translation>
    </message>
    <message>
        <source>Marks the right and the left lung in CT of the chest or abdomen and measures their volume, density, emphysema index and denser part.</source>
        <translation>在胸部或腹部 CT 中标出右肺和左肺，并测量其体积、密度、肺气肿指数和致密部分。</translation>
    </message>
    <message>
        <source>Mean</source>
        <comment>projection</comment>
        <translation>平均密度投影</translation>
    </message>
    <message>
        <source>Mean and SD over time</source>
        <translation>均值与标准差随时间的变化</translation>
    </message>
    <message>
        <source>Mean {mean}{unit}   SD {sd}</source>
        <translation>均值 {mean}{unit}   标准差 {sd}</translation>
    </message>
    <message>
        <source>Mean {quantity} {mean}   SD {sd}</source>
        <translation>均值 {quantity} {mean}   标准差 {sd}</translation>
    </message>
    <message>
        <source>Mean ± SD</source>
        <translation>均值 ± 标准差</translation>
    </message>
    <message>
        <source>Mean ± SD ({unit})</source>
        <translation>均值 ± 标准差（{unit}）</translation>
    </message>
    <message>
        <source>Measure a distance</source>
        <translation>测量距离</translation>
    </message>
    <message>
        <source>Measure a polygon, corner by corner</source>
        <translation>逐点测量多边形</translation>
    </message>
    <message>
        <source>Measure a rectangle: mean, SD, area</source>
        <translation>测量矩形：均值、标准差、面积</translation>
    </message>
    <message>
        <source>Measure a region drawn by hand</source>
        <translation>测量手绘区域</translation>
    </message>
    <message>
        <source>Measure an angle</source>
        <translation>测量角度</translation>
    </message>
    <message>
        <source>Measure an ellipse: mean, SD, area</source>
        <translation>测量椭圆：均值、标准差、面积</translation>
    </message>
    <message>
        <source>Measure the angle between two lines (Cobb)</source>
        <translation>测量两条线之间的夹角 (Cobb)</translation>
    </message>
    <message>
        <source>Measure the longest diameter and the one across it (RECIST)</source>
        <translation>测量最长径及其垂直径 (RECIST)</translation>
    </message>
    <message>
        <source>Measure this monitor</source>
        <translation>测量此显示器</translation>
    </message>
    <message>
        <source>Measurements</source>
        <translation>测量</translation>
    </message>
    <message>
        <source>Measurements and verdicts on findings that were not exported are lost.</source>
        <translation>未导出的测量以及对所见的判定将会丢失。</translation>
    </message>
    <message>
        <source>Measuring on planes</source>
        <translation>正在测量重建平面</translation>
    </message>
    <message>
        <source>Measuring volumes</source>
        <translation>正在测量体积</translation>
    </message>
    <message>
        <source>Mediastinum</source>
        <translation>纵隔窗</translation>
    </message>
    <message>
        <source>Memory for images</source>
        <translation>图像内存</translation>
    </message>
    <message>
        <source>Menu</source>
        <translation>菜单</translation>
    </message>
    <message>
        <source>Middle drag</source>
        <translation>中键拖动</translation>
    </message>
    <message>
        <source>Min {low}   Max {high}</source>
        <translation>最小 {low}   最大 {high}</translation>
    </message>
    <message>
        <source>MinIP</source>
        <translation>最小密度投影</translation>
    </message>
    <message>
        <source>Mind the emphysema index (share below −950 HU): {reasons}.</source>
        <translation>请慎用肺气肿指数（低于 −950 HU 的占比）：{reasons}。</translation>
    </message>
    <message>
        <source>Modality</source>
        <translation>检查类型</translation>
    </message>
    <message>
        <source>Modality unknown: the header does not say that this is a radiograph.</source>
        <translation>检查类型未知：文件头未说明这是 X 线片。</translation>
    </message>
    <message>
        <source>Model card of {title}</source>
        <translation>“{title}”的模型说明</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Models that do not fit this series</source>
        <translation>不适用于该序列的模型</translation>
    </message>
    <message>
        <source>Monitor &amp;test pattern</source>
        <translation>显示器测试图(&amp;T)</translation>
    </message>
    <message>
        <source>Monitor test pattern</source>
        <translation>显示器测试图</translation>
    </message>
    <message>
        <source>More measuring tools</source>
        <translation>更多测量工具</translation>
    </message>
    <message>
        <source>Mouse</source>
        <translation>鼠标</translation>
    </message>
    <message>
        <source>Move</source>
        <translation>移动</translation>
    </message>
    <message>
        <source>Move the window to the next screen</source>
        <translation>将窗口移到下一个屏幕</translation>
    </message>
    <message>
        <source>Move to the ne&amp;xt screen</source>
        <translation>移到下一个屏幕(&amp;X)</translation>
    </message>
    <message>
        <source>Moving picture of {count} images, {rate:.3g} a second</source>
        <translation>{count} 幅图像的动态图片，每秒 {rate:.3g} 幅</translation>
    </message>
    <message>
        <source>NIfTI label map</source>
        <translation>NIfTI 标签图</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>Name a DICOM SEG file.</source>
        <translation>请指定 DICOM SEG 文件。</translation>
    </message>
    <message>
        <source>Name a file.</source>
        <translation>请指定文件。</translation>
    </message>
    <message>
        <source>Name an RT Dose or a Parametric Map.</source>
        <translation>请指定 RT Dose 或参数图文件。</translation>
    </message>
    <message>
        <source>Name an RT Structure Set file.</source>
        <translation>请指定 RT Structure Set 文件。</translation>
    </message>
    <message>
        <source>Name of the hanging protocol:</source>
        <translation>挂片协议名称：</translation>
    </message>
    <message>
        <source>Name of the measurement</source>
        <translation>测量名称</translation>
    </message>
    <message>
        <source>Never</source>
        <translation>从不</translation>
    </message>
    <message>
        <source>New preset</source>
        <translation>新预设</translation>
    </message>
    <message>
        <source>Next &amp;key image</source>
        <translation>下一幅关键图像(&amp;K)</translation>
    </message>
    <message>
        <source>Next colours</source>
        <translation>下一色表</translation>
    </message>
    <message>
        <source>Next page (Page Down)</source>
        <translation>下一页 (Page Down)</translation>
    </message>
    <message>
        <source>Next ph&amp;ase</source>
        <translation>下一时相(&amp;A)</translation>
    </message>
    <message>
        <source>Next phase, time point, echo or b-value</source>
        <translation>下一个时相、时间点、回波或 b 值</translation>
    </message>
    <message>
        <source>Next v&amp;iew</source>
        <translation>下一视图(&amp;I)</translation>
    </message>
    <message>
        <source>No AI-enhanced series of this one is open together with its original.</source>
        <translation>此序列没有与原始序列一同打开的 AI 增强序列。</translation>
    </message>
    <message>
        <source>No angle: the directions have different units</source>
        <translation>无角度：两个方向的单位不同</translation>
    </message>
    <message>
        <source>No button is the active tool: nothing could be measured or drawn with these.</source>
        <translation>没有按键用于当前工具：这样将无法测量或绘制。</translation>
    </message>
    <message>
        <source>No command has all of these words.</source>
        <translation>没有包含所有这些词语的命令。</translation>
    </message>
    <message>
        <source>No curve: {reason}.</source>
        <translation>没有曲线：{reason}。</translation>
    </message>
    <message>
        <source>No diameters: the directions have different units</source>
        <translation>无径线：两个方向的单位不同</translation>
    </message>
    <message>
        <source>No file was skipped.</source>
        <translation>没有跳过任何文件。</translation>
    </message>
    <message>
        <source>No hanging protocol fits this study.</source>
        <translation>没有匹配该检查的挂片协议。</translation>
    </message>
    <message>
        <source>No heat map</source>
        <translation>无热图</translation>
    </message>
    <message>
        <source>No image is open.</source>
        <translation>没有打开的图像。</translation>
    </message>
    <message>
        <source>No image of this series is a key image.</source>
        <translation>该序列没有关键图像。</translation>
    </message>
    <message>
        <source>No left lung was found.</source>
        <translation>未找到左肺。</translation>
    </message>
    <message>
        <source>No lung volume: {reason}. Densities are those of the lung that is seen.</source>
        <translation>不给出肺体积：{reason}。密度仅为所见部分肺的密度。</translation>
    </message>
    <message>
        <source>No model fits this series.</source>
        <translation>没有适用于该序列的模型。</translation>
    </message>
    <message>
        <source>No model fits this series; the AI panel says why.</source>
        <translation>没有适用于该序列的模型；原因见 AI 面板。</translation>
    </message>
    <message>
        <source>No models are installed.</source>
        <translation>未安装任何模型。</translation>
    </message>
    <message>
        <source>No new series can be made</source>
        <translation>无法生成新序列</translation>
    </message>
    <message>
        <source>No open images share its frame of reference.</source>
        <translation>没有与其参考坐标系相同的已打开图像。</translation>
    </message>
    <message>
        <source>No patient name</source>
        <translation>无患者姓名</translation>
    </message>
    <message>
        <source>No right lung was found.</source>
        <translation>未找到右肺。</translation>
    </message>
    <message>
        <source>No screen has pixels of that size: measure again, in millimetres.</source>
        <translation>没有屏幕的像素是这样的大小：请以毫米为单位重新测量。</translation>
    </message>
    <message>
        <source>No study is open.</source>
        <translation>没有打开的检查。</translation>
    </message>
    <message>
        <source>Noise was reduced by a model. Compare with the original before you rely on it.</source>
        <translation>模型降低了噪声。采信之前请与原始图像对照。</translation>
    </message>
    <message>
        <source>None</source>
        <translation>无</translation>
    </message>
    <message>
        <source>None of {count} files holds an image that can be shown.</source>
        <translation>{count} 个文件中没有可显示的图像。</translation>
    </message>
    <message>
        <source>None: as the images say</source>
        <translation>无：按图像自身设定</translation>
    </message>
    <message>
        <source>Not measured again after the mask was edited: {names}.</source>
        <translation>掩膜编辑后未重新测量：{names}。</translation>
    </message>
    <message>
        <source>Not on the tool bar</source>
        <translation>不在工具栏上</translation>
    </message>
    <message>
        <source>Not on this series</source>
        <translation>不属于该序列</translation>
    </message>
    <message>
        <source>Nothing</source>
        <translation>无</translation>
    </message>
    <message>
        <source>Nothing is measured yet. Choose a measuring tool, such as Distance, and draw on the image.</source>
        <translation>尚无测量。请选择测量工具，例如距离，然后在图像上绘制。</translation>
    </message>
    <message>
        <source>Nothing lies over this series.</source>
        <translation>该序列上没有叠加内容。</translation>
    </message>
    <message>
        <source>Nothing opened yet</source>
        <translation>尚未打开任何内容</translation>
    </message>
    <message>
        <source>Nothing to show</source>
        <translation>没有可显示的内容</translation>
    </message>
    <message>
        <source>Now draw across it</source>
        <translation>现在横向画短径</translation>
    </message>
    <message>
        <source>Now draw the second line</source>
        <translation>现在画第二条线</translation>
    </message>
    <message>
        <source>Objects</source>
        <translation>对象</translation>
    </message>
    <message>
        <source>Of this one, {reason}.</source>
        <translation>此序列：{reason}。</translation>
    </message>
    <message>
        <source>On the tool bar</source>
        <translation>在工具栏上</translation>
    </message>
    <message>
        <source>On this series</source>
        <translation>属于该序列</translation>
    </message>
    <message>
        <source>On {names}</source>
        <translation>位于 {names}</translation>
    </message>
    <message>
        <source>One image pixel to one &amp;screen pixel</source>
        <translation>1:1 像素显示(&amp;S)</translation>
    </message>
    <message>
        <source>Only the first {count} items are laid out.</source>
        <translation>只排出前 {count} 个条目。</translation>
    </message>
    <message>
        <source>Only the first {count} items are shown.</source>
        <translation>只显示前 {count} 个条目。</translation>
    </message>
    <message>
        <source>Opacity</source>
        <translation>不透明度</translation>
    </message>
    <message>
        <source>Opacity of overlays</source>
        <translation>叠加不透明度</translation>
    </message>
    <message>
        <source>Opacity of the colours</source>
        <translation>颜色不透明度</translation>
    </message>
    <message>
        <source>Open &amp;folder…</source>
        <translation>打开文件夹(&amp;F)…</translation>
    </message>
    <message>
        <source>Open &amp;recent</source>
        <translation>最近打开(&amp;R)</translation>
    </message>
    <message>
        <source>Open a folder of images</source>
        <translation>打开图像文件夹</translation>
    </message>
    <message>
        <source>Open a series to run it.</source>
        <translation>打开序列后即可运行。</translation>
    </message>
    <message>
        <source>Open a study</source>
        <translation>打开检查</translation>
    </message>
    <message>
        <source>Open an image to see its window.</source>
        <translation>打开图像后可查看其窗宽窗位。</translation>
    </message>
    <message>
        <source>Open another folder…</source>
        <translation>打开其他文件夹…</translation>
    </message>
    <message>
        <source>Open f&amp;iles…</source>
        <translation>打开文件(&amp;I)…</translation>
    </message>
    <message>
        <source>Open files</source>
        <translation>打开文件</translation>
    </message>
    <message>
        <source>Open files…</source>
        <translation>打开文件…</translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation>打开文件夹</translation>
    </message>
    <message>
        <source>Open folder…</source>
        <translation>打开文件夹…</translation>
    </message>
    <message>
        <source>Open image files</source>
        <translation>打开图像文件</translation>
    </message>
    <message>
        <source>Open it in a video player.</source>
        <translation>请用视频播放器打开。</translation>
    </message>
    <message>
        <source>Open it with another program.</source>
        <translation>请用其他程序打开。</translation>
    </message>
    <message>
        <source>Open the &amp;demo</source>
        <translation>打开演示(&amp;D)</translation>
    </message>
    <message>
        <source>Open the images that it belongs to as well: it is kept until then.</source>
        <translation>请同时打开其所属的图像：在此之前它会保留。</translation>
    </message>
    <message>
        <source>Opening files</source>
        <translation>打开文件</translation>
    </message>
    <message>
        <source>Opening the demo</source>
        <translation>打开演示</translation>
    </message>
    <message>
        <source>Opening {title}</source>
        <translation>打开{title}</translation>
    </message>
    <message>
        <source>Original</source>
        <translation>原始</translation>
    </message>
    <message>
        <source>Original &amp;or AI-enhanced</source>
        <translation>原始或 AI 增强(&amp;O)</translation>
    </message>
    <message>
        <source>Other</source>
        <translation>其他</translation>
    </message>
    <message>
        <source>Overlay planes</source>
        <translation>叠加平面</translation>
    </message>
    <message>
        <source>P&amp;oint value</source>
        <translation>点值(&amp;O)</translation>
    </message>
    <message>
        <source>P&amp;ointer in all views</source>
        <translation>在所有视图中显示指针(&amp;O)</translation>
    </message>
    <message>
        <source>PDF report</source>
        <translation>PDF 报告</translation>
    </message>
    <message>
        <source>PET 20 step</source>
        <translation>PET 20 级</translation>
    </message>
    <message>
        <source>PET and CT</source>
        <translation>PET 与 CT</translation>
    </message>
    <message>
        <source>Pa&amp;nels</source>
        <translation>面板(&amp;N)</translation>
    </message>
    <message>
        <source>Page</source>
        <translation>页</translation>
    </message>
    <message>
        <source>Page of the document</source>
        <translation>文档页面</translation>
    </message>
    <message>
        <source>Pages of the settings</source>
        <translation>设置页</translation>
    </message>
    <message>
        <source>Paint a &amp;mask</source>
        <translation>绘制掩膜(&amp;M)</translation>
    </message>
    <message>
        <source>Paint the mask of a model: Shift erases, Alt + wheel sizes the brush</source>
        <translation>绘制模型的掩膜：按住 Shift 擦除，Alt + 滚轮调整画笔大小</translation>
    </message>
    <message>
        <source>Paint {name}</source>
        <translation>绘制 {name}</translation>
    </message>
    <message>
        <source>Pan</source>
        <translation>平移</translation>
    </message>
    <message>
        <source>Parametric map</source>
        <translation>参数图</translation>
    </message>
    <message>
        <source>Partial</source>
        <translation>部分</translation>
    </message>
    <message>
        <source>Patient and study in the corners</source>
        <translation>四角的患者与检查信息</translation>
    </message>
    <message>
        <source>Picture copied, without the patient's name.</source>
        <translation>图片已复制，不含患者姓名。</translation>
    </message>
    <message>
        <source>Pinch</source>
        <translation>捏合</translation>
    </message>
    <message>
        <source>Pla&amp;y or stop cine</source>
        <translation>播放或停止电影(&amp;Y)</translation>
    </message>
    <message>
        <source>Planes along the volume again</source>
        <translation>恢复沿容积轴向的平面</translation>
    </message>
    <message>
        <source>Planes need no calibration</source>
        <translation>重建平面无需校准</translation>
    </message>
    <message>
        <source>Pneumonia on chest radiographs of children</source>
        <translation>儿童胸片肺炎</translation>
    </message>
    <message>
        <source>Point</source>
        <translation>点</translation>
    </message>
    <message>
        <source>Point with an arrow: drag from what is meant</source>
        <translation>用箭头指示：从所指之处拖动</translation>
    </message>
    <message>
        <source>Pol&amp;ygon</source>
        <translation>多边形(&amp;Y)</translation>
    </message>
    <message>
        <source>Polygon</source>
        <translation>多边形</translation>
    </message>
    <message>
        <source>Posterior first</source>
        <translation>后侧先进</translation>
    </message>
    <message>
        <source>Pre&amp;sentation</source>
        <translation>呈现状态(&amp;S)</translation>
    </message>
    <message>
        <source>Preliminary</source>
        <translation>初步</translation>
    </message>
    <message>
        <source>Preparing planes</source>
        <translation>正在准备平面</translation>
    </message>
    <message>
        <source>Preparing the fusion</source>
        <translation>正在准备融合</translation>
    </message>
    <message>
        <source>Presentation</source>
        <translation>呈现状态</translation>
    </message>
    <message>
        <source>Presentation state</source>
        <translation>呈现状态</translation>
    </message>
    <message>
        <source>Presentation states of this series</source>
        <translation>该序列的呈现状态</translation>
    </message>
    <message>
        <source>Presentation {label}: {remark}.</source>
        <translation>呈现状态 {label}：{remark}。</translation>
    </message>
    <message>
        <source>Presentation: none of {count}</source>
        <translation>呈现状态：未用（共 {count} 个）</translation>
    </message>
    <message>
        <source>Presentation: {name}</source>
        <translation>呈现状态：{name}</translation>
    </message>
    <message>
        <source>Presets</source>
        <translation>预设</translation>
    </message>
    <message>
        <source>Presets have the keys 1–9, Auto has 0</source>
        <translation>预设使用按键 1–9，自动为 0</translation>
    </message>
    <message>
        <source>Press a key</source>
        <translation>请按键</translation>
    </message>
    <message>
        <source>Previous &amp;view</source>
        <translation>上一视图(&amp;V)</translation>
    </message>
    <message>
        <source>Previous ke&amp;y image</source>
        <translation>上一幅关键图像(&amp;Y)</translation>
    </message>
    <message>
        <source>Previous p&amp;hase</source>
        <translation>上一时相(&amp;H)</translation>
    </message>
    <message>
        <source>Previous page (Page Up)</source>
        <translation>上一页 (Page Up)</translation>
    </message>
    <message>
        <source>Previous phase, time point, echo or b-value</source>
        <translation>上一个时相、时间点、回波或 b 值</translation>
    </message>
    <message>
        <source>Prior beside current</source>
        <translation>既往检查与当前检查并排</translation>
    </message>
    <message>
        <source>Prob&amp;e</source>
        <translation>像素值(&amp;E)</translation>
    </message>
    <message>
        <source>Probability</source>
        <translation>概率</translation>
    </message>
    <message>
        <source>Probe</source>
        <translation>像素值</translation>
    </message>
    <message>
        <source>Probe values</source>
        <translation>探测像素值</translation>
    </message>
    <message>
        <source>Processor</source>
        <translation>处理器</translation>
    </message>
    <message>
        <source>Program</source>
        <translation>程序</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>进度</translation>
    </message>
    <message>
        <source>Progress of {title}</source>
        <translation>“{title}”的进度</translation>
    </message>
    <message>
        <source>Proposed</source>
        <translation>待审核</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>退出</translation>
    </message>
    <message>
        <source>Quit Scoutview?</source>
        <translation>退出 Scoutview？</translation>
    </message>
    <message>
        <source>ROI {number}</source>
        <translation>ROI {number}</translation>
    </message>
    <message>
        <source>RT Structure Set</source>
        <translation>RT 结构集</translation>
    </message>
    <message>
        <source>Radiotherapy dose</source>
        <translation>放疗剂量</translation>
    </message>
    <message>
        <source>Radiotherapy structure set</source>
        <translation>放疗结构集</translation>
    </message>
    <message>
        <source>Ran on the CPU: {device} has too little free memory.</source>
        <translation>已在处理器上运行：{device} 的可用内存过少。</translation>
    </message>
    <message>
        <source>Ran on {where} in {seconds:.1f} s</source>
        <translation>在{where}上运行，用时 {seconds:.1f} 秒</translation>
    </message>
    <message>
        <source>Read the images as they are.</source>
        <translation>请按原图像阅片。</translation>
    </message>
    <message>
        <source>Read the images as they were acquired.</source>
        <translation>请按采集时的图像阅片。</translation>
    </message>
    <message>
        <source>Reading a presentation state</source>
        <translation>读取呈现状态</translation>
    </message>
    <message>
        <source>Reading files</source>
        <translation>正在读取文件</translation>
    </message>
    <message>
        <source>Reading hanging protocols</source>
        <translation>读取挂片协议</translation>
    </message>
    <message>
        <source>Reading the card</source>
        <translation>读取模型说明</translation>
    </message>
    <message>
        <source>Reading {label}</source>
        <translation>正在读取 {label}</translation>
    </message>
    <message>
        <source>Reading {quantity}</source>
        <translation>正在读取{quantity}</translation>
    </message>
    <message>
        <source>Reading {title}</source>
        <translation>正在读取{title}</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>原因</translation>
    </message>
    <message>
        <source>Recent</source>
        <translation>最近打开</translation>
    </message>
    <message>
        <source>Rectangle</source>
        <translation>矩形</translation>
    </message>
    <message>
        <source>Reduces the noise of CT slices of chest and abdomen. The result is a new series beside the original, marked as AI-enhanced.</source>
        <translation>降低胸部和腹部 CT 层面的噪声。结果是原始序列旁的新序列，标记为 AI 增强。</translation>
    </message>
    <message>
        <source>Regions of different scale ({units}): a measurement takes that of the region in which it lies.</source>
        <translation>各区域比例不同（{units}）：测量采用其所在区域的比例。</translation>
    </message>
    <message>
        <source>Reject finding</source>
        <translation>否定所见</translation>
    </message>
    <message>
        <source>Reject {kind}</source>
        <translation>否定{kind}</translation>
    </message>
    <message>
        <source>Rejected</source>
        <translation>已否定</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>Remove AI result</source>
        <translation>移除 AI 结果</translation>
    </message>
    <message>
        <source>Remove cali&amp;bration by hand</source>
        <translation>取消手动校准(&amp;B)</translation>
    </message>
    <message>
        <source>Remove calibration by hand</source>
        <translation>取消手动校准</translation>
    </message>
    <message>
        <source>Remove the result of {title}</source>
        <translation>移除“{title}”的结果</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>重命名</translation>
    </message>
    <message>
        <source>Rename measurement</source>
        <translation>重命名测量</translation>
    </message>
    <message>
        <source>Rename {what}</source>
        <translation>重命名{what}</translation>
    </message>
    <message>
        <source>Reopen finding</source>
        <translation>重新审核所见</translation>
    </message>
    <message>
        <source>Report</source>
        <translation>报告</translation>
    </message>
    <message>
        <source>Report: {title}</source>
        <translation>报告：{title}</translation>
    </message>
    <message>
        <source>Reports hold the patient's name. Files of the same names are replaced.</source>
        <translation>报告包含患者姓名。同名文件将被替换。</translation>
    </message>
    <message>
        <source>Research use only. Not for diagnosis.</source>
        <translation>仅供研究使用，不得用于诊断。</translation>
    </message>
    <message>
        <source>Results on this series</source>
        <translation>该序列的结果</translation>
    </message>
    <message>
        <source>Right</source>
        <translation>右</translation>
    </message>
    <message>
        <source>Right click</source>
        <translation>右键单击</translation>
    </message>
    <message>
        <source>Right drag</source>
        <translation>右键拖动</translation>
    </message>
    <message>
        <source>Right first</source>
        <translation>右侧先进</translation>
    </message>
    <message>
        <source>Right lung</source>
        <translation>右肺</translation>
    </message>
    <message>
        <source>Rotate &amp;left</source>
        <translation>向左旋转(&amp;L)</translation>
    </message>
    <message>
        <source>Rotate &amp;right</source>
        <translation>向右旋转(&amp;R)</translation>
    </message>
    <message>
        <source>Rotate by 90° to the left</source>
        <translation>向左旋转 90°</translation>
    </message>
    <message>
        <source>Rotate by 90° to the right</source>
        <translation>向右旋转 90°</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>运行</translation>
    </message>
    <message>
        <source>Run against the model's input contract: it {refusal}.</source>
        <translation>违反模型的输入约定而运行：模型{refusal}。</translation>
    </message>
    <message>
        <source>Run anyway</source>
        <translation>仍然运行</translation>
    </message>
    <message>
        <source>Run on</source>
        <translation>运行设备</translation>
    </message>
    <message>
        <source>Run the first model that fits this series</source>
        <translation>运行第一个适用于该序列的模型</translation>
    </message>
    <message>
        <source>Running {title}</source>
        <translation>运行“{title}”</translation>
    </message>
    <message>
        <source>S&amp;kipped files…</source>
        <translation>跳过的文件(&amp;K)…</translation>
    </message>
    <message>
        <source>S&amp;maller brush</source>
        <translation>减小画笔(&amp;M)</translation>
    </message>
    <message>
        <source>S&amp;mooth or flat pixels</source>
        <translation>平滑或原始像素(&amp;M)</translation>
    </message>
    <message>
        <source>SHA-256 of the weights: {sha256}</source>
        <translation>权重的 SHA-256：{sha256}</translation>
    </message>
    <message>
        <source>SUV is not computed: {why}; {values}.</source>
        <translation>未计算 SUV：{why}；{values}。</translation>
    </message>
    <message>
        <source>Sagittal</source>
        <translation>矢状位</translation>
    </message>
    <message>
        <source>Same &amp;window</source>
        <translation>同步窗宽窗位(&amp;W)</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>Save the layout</source>
        <translation>保存布局</translation>
    </message>
    <message>
        <source>Saving settings</source>
        <translation>保存设置</translation>
    </message>
    <message>
        <source>Saving the layout</source>
        <translation>保存布局</translation>
    </message>
    <message>
        <source>Say how large the pixels of this monitor are</source>
        <translation>设定此显示器的像素大小</translation>
    </message>
    <message>
        <source>Says whether a frontal chest radiograph of a young child looks normal, like bacterial or like viral pneumonia, with an interval each, and shows where it looked.</source>
        <translation>判断幼儿正位胸片看来正常、像细菌性肺炎还是像病毒性肺炎，各附区间，并显示模型看了哪里。</translation>
    </message>
    <message>
        <source>Scores, measures, model and version, for scripts</source>
        <translation>评分、测量值、模型与版本，供脚本使用</translation>
    </message>
    <message>
        <source>Scoutview met a fault of its own.</source>
        <translation>Scoutview 自身发生故障。</translation>
    </message>
    <message>
        <source>Scoutview, second window</source>
        <translation>Scoutview，第二窗口</translation>
    </message>
    <message>
        <source>Scroll</source>
        <translation>滚动</translation>
    </message>
    <message>
        <source>Scroll &amp;together</source>
        <translation>同步滚动(&amp;T)</translation>
    </message>
    <message>
        <source>Scroll through the images</source>
        <translation>翻阅图像</translation>
    </message>
    <message>
        <source>Se&amp;cond window</source>
        <translation>第二窗口(&amp;C)</translation>
    </message>
    <message>
        <source>Section</source>
        <translation>章节</translation>
    </message>
    <message>
        <source>Segment {number}</source>
        <translation>分割段 {number}</translation>
    </message>
    <message>
        <source>Segmentation</source>
        <translation>分割</translation>
    </message>
    <message>
        <source>Segmentations, structure sets, doses and parametric maps are listed here with the images they belong to.</source>
        <translation>分割、结构集、剂量和参数图连同其所属图像列于此处。</translation>
    </message>
    <message>
        <source>Series</source>
        <translation>序列</translation>
    </message>
    <message>
        <source>Series {number}</source>
        <translation>序列 {number}</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>Several images lie at each position and {what}: they are sorted by Instance Number.</source>
        <translation>每个位置有多幅图像，{what}：按 Instance Number 排序。</translation>
    </message>
    <message>
        <source>Shift + wheel</source>
        <translation>Shift + 滚轮</translation>
    </message>
    <message>
        <source>Short {length}</source>
        <translation>短径 {length}</translation>
    </message>
    <message>
        <source>Shortcuts</source>
        <translation>快捷键</translation>
    </message>
    <message>
        <source>Show &amp;overlays</source>
        <translation>显示叠加(&amp;O)</translation>
    </message>
    <message>
        <source>Show AI-enhanced</source>
        <translation>显示 AI 增强</translation>
    </message>
    <message>
        <source>Show codes</source>
        <translation>显示编码</translation>
    </message>
    <message>
        <source>Show difference</source>
        <translation>显示差值</translation>
    </message>
    <message>
        <source>Show greys in the next colours</source>
        <translation>用下一色表显示灰阶</translation>
    </message>
    <message>
        <source>Show list</source>
        <translation>显示列表</translation>
    </message>
    <message>
        <source>Show or hide {kind}</source>
        <translation>显示或隐藏{kind}</translation>
    </message>
    <message>
        <source>Show or hide {name}</source>
        <translation>显示或隐藏 {name}</translation>
    </message>
    <message>
        <source>Show original</source>
        <translation>显示原始图像</translation>
    </message>
    <message>
        <source>Show overlay planes and a&amp;nnotations</source>
        <translation>显示叠加平面和标注(&amp;N)</translation>
    </message>
    <message>
        <source>Show overlays</source>
        <translation>显示叠加</translation>
    </message>
    <message>
        <source>Show the slices as they were acquired.</source>
        <translation>请按采集时的层面显示。</translation>
    </message>
    <message>
        <source>Show the window in {language}?</source>
        <translation>将窗口切换为{language}？</translation>
    </message>
    <message>
        <source>Show them side by side.</source>
        <translation>请将两者并排显示。</translation>
    </message>
    <message>
        <source>Show this image</source>
        <translation>显示此图像</translation>
    </message>
    <message>
        <source>Show {kind}</source>
        <translation>显示{kind}</translation>
    </message>
    <message>
        <source>Show {label}</source>
        <translation>显示 {label}</translation>
    </message>
    <message>
        <source>Show {name}</source>
        <translation>显示 {name}</translation>
    </message>
    <message>
        <source>Showing a series</source>
        <translation>显示序列</translation>
    </message>
    <message>
        <source>Shown as you left it</source>
        <translation>已恢复为上次离开时的排列</translation>
    </message>
    <message>
        <source>Side unknown: the header has no Patient Orientation, so the lungs are named by their side of the image.</source>
        <translation>侧别未知：文件头没有患者方位，因此按图像左右侧命名两肺。</translation>
    </message>
    <message>
        <source>Single &amp;view</source>
        <translation>单视图(&amp;V)</translation>
    </message>
    <message>
        <source>Single keys act while an image has the focus.</source>
        <translation>单个按键在图像获得焦点时起作用。</translation>
    </message>
    <message>
        <source>Single keys act while an image has the focus: click on it first.</source>
        <translation>单个按键在图像获得焦点时起作用：请先单击图像。</translation>
    </message>
    <message>
        <source>Single plane</source>
        <translation>单层平面</translation>
    </message>
    <message>
        <source>Single view</source>
        <translation>单视图</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>大小</translation>
    </message>
    <message>
        <source>Skipped files</source>
        <translation>跳过的文件</translation>
    </message>
    <message>
        <source>Slab</source>
        <translation>厚层</translation>
    </message>
    <message>
        <source>Slice distances vary: {values}. The stack is shown slice by slice and makes no volume.</source>
        <translation>层间距不一：{values}。该图像堆栈逐层显示，不构成容积。</translation>
    </message>
    <message>
        <source>Slice {number} / {count}</source>
        <translation>层面 {number} / {count}</translation>
    </message>
    <message>
        <source>Slice {number}, {point}</source>
        <translation>层面 {number}，{point}</translation>
    </message>
    <message>
        <source>Slices are missing: {gaps}, where {usual:.2f} mm is usual.</source>
        <translation>缺少层面：{gaps}；通常间距为 {usual:.2f} mm。</translation>
    </message>
    <message>
        <source>Smaller (−)</source>
        <translation>缩小 (−)</translation>
    </message>
    <message>
        <source>Smallest value of {quantity} that is shown</source>
        <translation>显示的{quantity}最小值</translation>
    </message>
    <message>
        <source>Starting</source>
        <translation>正在启动</translation>
    </message>
    <message>
        <source>Starting decoders</source>
        <translation>正在启动解码程序</translation>
    </message>
    <message>
        <source>Status</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Stop the cine</source>
        <translation>停止电影</translation>
    </message>
    <message>
        <source>Straighten</source>
        <translation>摆正</translation>
    </message>
    <message>
        <source>Strength</source>
        <translation>强度</translation>
    </message>
    <message>
        <source>Strength of the enhancement in per cent</source>
        <translation>增强强度（百分比）</translation>
    </message>
    <message>
        <source>Stroke</source>
        <translation>卒中窗</translation>
    </message>
    <message>
        <source>Structured report</source>
        <translation>结构化报告</translation>
    </message>
    <message>
        <source>Studies</source>
        <translation>检查</translation>
    </message>
    <message>
        <source>Studies that you open are listed here.</source>
        <translation>打开的检查列于此处。</translation>
    </message>
    <message>
        <source>Study without a date</source>
        <translation>检查日期未知</translation>
    </message>
    <message>
        <source>Subdural</source>
        <translation>硬膜下窗</translation>
    </message>
    <message>
        <source>Subtracting</source>
        <translation>正在相减</translation>
    </message>
    <message>
        <source>Table (*.csv)</source>
        <translation>表格 (*.csv)</translation>
    </message>
    <message>
        <source>Te&amp;xt</source>
        <translation>文字(&amp;X)</translation>
    </message>
    <message>
        <source>Ten images &amp;back</source>
        <translation>后退十幅图像(&amp;B)</translation>
    </message>
    <message>
        <source>Ten images &amp;on</source>
        <translation>前进十幅图像(&amp;O)</translation>
    </message>
    <message>
        <source>Text</source>
        <translation>文字</translation>
    </message>
    <message>
        <source>Text on the image</source>
        <translation>图像上的文字</translation>
    </message>
    <message>
        <source>Text size</source>
        <translation>文字大小</translation>
    </message>
    <message>
        <source>Text, scale and measurements</source>
        <translation>文字、比例尺和测量</translation>
    </message>
    <message>
        <source>Text, then Enter</source>
        <translation>输入文字，按 Enter 确认</translation>
    </message>
    <message>
        <source>The Rescale Slope of {name} is no usable number: its values are as stored, without unit.</source>
        <translation>{name} 的 Rescale Slope 不是有效数值：其值按存储值显示，没有单位。</translation>
    </message>
    <message>
        <source>The active tool</source>
        <translation>当前工具</translation>
    </message>
    <message>
        <source>The bar is</source>
        <translation>标尺长</translation>
    </message>
    <message>
        <source>The card of {title} is missing</source>
        <translation>缺少“{title}”的模型说明</translation>
    </message>
    <message>
        <source>The date of the injection does not fit that of the scan: SUV is computed with its time alone.</source>
        <translation>注射日期与扫描日期不符：仅按时间计算 SUV。</translation>
    </message>
    <message>
        <source>The defaults of this page</source>
        <translation>本页的默认值</translation>
    </message>
    <message>
        <source>The demo</source>
        <translation>演示</translation>
    </message>
    <message>
        <source>The demo's radiograph cannot be read</source>
        <translation>无法读取演示用的 X 线片</translation>
    </message>
    <message>
        <source>The file does not say how its lengths were calibrated.</source>
        <translation>文件未说明其长度如何校准。</translation>
    </message>
    <message>
        <source>The file does not say how large a pixel is, so there is no true size.</source>
        <translation>文件未说明像素大小，因此没有实际大小。</translation>
    </message>
    <message>
        <source>The file says that identity may be burned into the pixels: look before you pass pictures on.</source>
        <translation>文件注明身份信息可能已烧录在像素中：转交图片前请先查看。</translation>
    </message>
    <message>
        <source>The file's header may be wrong: you decide</source>
        <translation>文件头可能有误：由您决定</translation>
    </message>
    <message>
        <source>The first nine have the keys 1–9. Those of CT are for Hounsfield units, those of PT for SUV.</source>
        <translation>前九个使用按键 1–9。CT 的预设用于 Hounsfield 单位，PT 的用于 SUV。</translation>
    </message>
    <message>
        <source>The formats are {names}.</source>
        <translation>可用格式：{names}。</translation>
    </message>
    <message>
        <source>The hanging protocol {name} cannot be used</source>
        <translation>无法使用挂片协议 {name}</translation>
    </message>
    <message>
        <source>The image on screen with overlay and measurements, without the patient's name</source>
        <translation>屏幕上的图像，含叠加与测量，不含患者姓名</translation>
    </message>
    <message>
        <source>The images are still being loaded.</source>
        <translation>图像仍在加载。</translation>
    </message>
    <message>
        <source>The images have different units: {units}.</source>
        <translation>图像的单位不一致：{units}。</translation>
    </message>
    <message>
        <source>The images have no place in the patient, so contours cannot be laid over them.</source>
        <translation>图像在患者体内没有位置，因此无法叠加轮廓。</translation>
    </message>
    <message>
        <source>The images have no position in the patient: they are sorted by Instance Number and make no volume.</source>
        <translation>图像在患者体内没有位置：按 Instance Number 排序，不构成容积。</translation>
    </message>
    <message>
        <source>The images have {orientations} different orientations: they scroll, but make no volume.</source>
        <translation>图像有 {orientations} 种不同方位：可以翻阅，但不构成容积。</translation>
    </message>
    <message>
        <source>The images it refers to are not open.</source>
        <translation>它所引用的图像未打开。</translation>
    </message>
    <message>
        <source>The images it refers to carry another patient ID.</source>
        <translation>它所引用的图像属于另一患者 ID。</translation>
    </message>
    <message>
        <source>The images state no pixel spacing: lengths and areas are in pixels.</source>
        <translation>图像未给出像素间距：长度和面积以像素计。</translation>
    </message>
    <message>
        <source>The language of the window: system for that of the desktop, en for English, zh_CN for Simplified Chinese.</source>
        <translation>窗口的语言：system 为桌面语言，en 为英文，zh_CN 为简体中文。</translation>
    </message>
    <message>
        <source>The last step</source>
        <translation>上一步操作</translation>
    </message>
    <message>
        <source>The layout cannot be saved as {name}</source>
        <translation>无法将布局保存为 {name}</translation>
    </message>
    <message>
        <source>The line is now</source>
        <translation>线的当前长度</translation>
    </message>
    <message>
        <source>The masks as a label map, for research tools</source>
        <translation>以标签图形式保存的掩膜，用于科研工具</translation>
    </message>
    <message>
        <source>The masks, for other DICOM programs; refers to the source images</source>
        <translation>掩膜，供其他 DICOM 程序使用；引用源图像</translation>
    </message>
    <message>
        <source>The model cannot run on the chosen device</source>
        <translation>模型无法在所选设备上运行</translation>
    </message>
    <message>
        <source>The model does not fit these images</source>
        <translation>该模型不适用于这些图像</translation>
    </message>
    <message>
        <source>The model {model} is not installed</source>
        <translation>未安装模型 {model}</translation>
    </message>
    <message>
        <source>The original of this series is not open.</source>
        <translation>此序列的原始序列未打开。</translation>
    </message>
    <message>
        <source>The original, and what the model made of it (F2)</source>
        <translation>原始图像与模型的处理结果 (F2)</translation>
    </message>
    <message>
        <source>The original, or what a model made of it</source>
        <translation>原始图像或模型的处理结果</translation>
    </message>
    <message>
        <source>The outline crosses itself</source>
        <translation>轮廓自身相交</translation>
    </message>
    <message>
        <source>The places of its planes begin neither with 0 nor with the first plane's position: taken from the first.</source>
        <translation>其各平面的位置既不从 0 开始，也不从第一个平面的位置开始：以第一个平面为准。</translation>
    </message>
    <message>
        <source>The protocol “{name}” fits</source>
        <translation>挂片协议“{name}”匹配</translation>
    </message>
    <message>
        <source>The region holds one value only, or none.</source>
        <translation>该感兴趣区只有一个值，或没有值。</translation>
    </message>
    <message>
        <source>The series alone, as it was acquired</source>
        <translation>仅显示该序列的原始采集图像</translation>
    </message>
    <message>
        <source>The series that a model made, marked as such; refers to the source images</source>
        <translation>模型生成的序列，带有标记；引用源图像</translation>
    </message>
    <message>
        <source>The settings could not be written</source>
        <translation>无法写入设置</translation>
    </message>
    <message>
        <source>The slices are oblique: right and left follow the nearest of the patient's axes.</source>
        <translation>层面是斜的：左右按最接近的患者轴确定。</translation>
    </message>
    <message>
        <source>The ultrasound region is calibrated in {units}: a measurement says both directions.</source>
        <translation>超声区域以 {units} 校准：测量给出两个方向的值。</translation>
    </message>
    <message>
        <source>The ultrasound region is not calibrated: lengths are in pixels.</source>
        <translation>超声区域未校准：长度以像素计。</translation>
    </message>
    <message>
        <source>The whole image, pixel by pixel</source>
        <translation>整幅图像，逐像素</translation>
    </message>
    <message>
        <source>The width must be above 0.</source>
        <translation>窗宽必须大于 0。</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>主题</translation>
    </message>
    <message>
        <source>There are no files in it.</source>
        <translation>其中没有文件。</translation>
    </message>
    <message>
        <source>There are no presets for this series</source>
        <translation>该序列没有预设</translation>
    </message>
    <message>
        <source>There is no AI-enhanced series of this one yet: run the model in the AI panel.</source>
        <translation>此序列还没有 AI 增强序列：请在 AI 面板中运行模型。</translation>
    </message>
    <message>
        <source>There is no mask of a model on this image. Run a model first; planes show masks only.</source>
        <translation>此图像上没有模型的掩膜。请先运行模型；重建平面上只能显示掩膜。</translation>
    </message>
    <message>
        <source>There is no picture to copy yet.</source>
        <translation>尚无可复制的图片。</translation>
    </message>
    <message>
        <source>There is no such preset for this series.</source>
        <translation>该序列没有此预设。</translation>
    </message>
    <message>
        <source>There is nothing that it could act on now.</source>
        <translation>当前没有可操作的对象。</translation>
    </message>
    <message>
        <source>There is nothing to redo.</source>
        <translation>没有可重做的操作。</translation>
    </message>
    <message>
        <source>There is nothing to undo.</source>
        <translation>没有可撤销的操作。</translation>
    </message>
    <message>
        <source>There is one screen only.</source>
        <translation>只有一个屏幕。</translation>
    </message>
    <message>
        <source>They are cut in millimetres of the patient. Calibrate on the images as they were acquired.</source>
        <translation>重建平面以患者的毫米为单位。请在原始采集图像上校准。</translation>
    </message>
    <message>
        <source>Thick {thickness} mm</source>
        <translation>层厚 {thickness} mm</translation>
    </message>
    <message>
        <source>Thickness of the slab</source>
        <translation>厚层的厚度</translation>
    </message>
    <message>
        <source>This</source>
        <translation>此文件夹</translation>
    </message>
    <message>
        <source>This image</source>
        <translation>此图像</translation>
    </message>
    <message>
        <source>This image cannot be shown</source>
        <translation>无法显示此图像</translation>
    </message>
    <message>
        <source>This monitor has {dpi:.0f} pixels an inch.</source>
        <translation>此显示器每英寸 {dpi:.0f} 像素。</translation>
    </message>
    <message>
        <source>This page cannot be drawn.</source>
        <translation>无法绘制此页。</translation>
    </message>
    <message>
        <source>This series has a single image.</source>
        <translation>该序列只有一幅图像。</translation>
    </message>
    <message>
        <source>This series has no phases, time points, echoes or b-values.</source>
        <translation>该序列没有时相、时间点、回波或 b 值。</translation>
    </message>
    <message>
        <source>This series is not calibrated by hand.</source>
        <translation>该序列没有手动校准。</translation>
    </message>
    <message>
        <source>This study has no measurements.</source>
        <translation>该检查没有测量。</translation>
    </message>
    <message>
        <source>Through phases, time points, echoes or b-values</source>
        <translation>切换时相、时间点、回波或 b 值</translation>
    </message>
    <message>
        <source>Thumbnail</source>
        <translation>缩略图</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Time–intensity c&amp;urve</source>
        <translation>时间–强度曲线(&amp;U)</translation>
    </message>
    <message>
        <source>Time–intensity curve</source>
        <translation>时间–强度曲线</translation>
    </message>
    <message>
        <source>To and fro instead of round and round</source>
        <translation>往返播放而非循环播放</translation>
    </message>
    <message>
        <source>Tool bar</source>
        <translation>工具栏</translation>
    </message>
    <message>
        <source>Tools</source>
        <translation>工具</translation>
    </message>
    <message>
        <source>Tools and results</source>
        <translation>工具与结果</translation>
    </message>
    <message>
        <source>Top </source>
        <translation>上限 </translation>
    </message>
    <message>
        <source>True length</source>
        <translation>实际长度</translation>
    </message>
    <message>
        <source>True si&amp;ze</source>
        <translation>实际大小(&amp;Z)</translation>
    </message>
    <message>
        <source>True size</source>
        <translation>实际大小</translation>
    </message>
    <message>
        <source>True size at the detector</source>
        <translation>探测器平面的实际大小</translation>
    </message>
    <message>
        <source>Try the demo</source>
        <translation>试用演示</translation>
    </message>
    <message>
        <source>Tu&amp;rn and flip</source>
        <translation>旋转和翻转(&amp;R)</translation>
    </message>
    <message>
        <source>Unverified</source>
        <translation>未审核</translation>
    </message>
    <message>
        <source>Up</source>
        <translation>上移</translation>
    </message>
    <message>
        <source>Update it. {now}</source>
        <translation>请更新程序。{now}</translation>
    </message>
    <message>
        <source>Use 0 to {count}.</source>
        <translation>请使用 0 至 {count}。</translation>
    </message>
    <message>
        <source>Use a width of 1 or more.</source>
        <translation>请使用不小于 1 的窗宽。</translation>
    </message>
    <message>
        <source>VOI LUT</source>
        <translation>VOI LUT</translation>
    </message>
    <message>
        <source>Value at the top of the colours</source>
        <translation>颜色顶端对应的值</translation>
    </message>
    <message>
        <source>Value under the pointer</source>
        <translation>指针所指处的值</translation>
    </message>
    <message>
        <source>Verified</source>
        <translation>已审核</translation>
    </message>
    <message>
        <source>Verified by</source>
        <translation>审核者</translation>
    </message>
    <message>
        <source>Verifying models</source>
        <translation>正在校验模型</translation>
    </message>
    <message>
        <source>Verifying models…</source>
        <translation>正在校验模型…</translation>
    </message>
    <message>
        <source>Version {version}</source>
        <translation>版本 {version}</translation>
    </message>
    <message>
        <source>View</source>
        <translation>视图</translation>
    </message>
    <message>
        <source>View unknown: the header does not say whether this is a frontal view.</source>
        <translation>体位未知：文件头未说明是否为正位。</translation>
    </message>
    <message>
        <source>View {number} / {count}</source>
        <translation>视角 {number} / {count}</translation>
    </message>
    <message>
        <source>View {number}, {point}</source>
        <translation>视角 {number}，{point}</translation>
    </message>
    <message>
        <source>Views of one series, and its planes, share their window</source>
        <translation>同一序列的各视图及其重建平面共用窗宽窗位</translation>
    </message>
    <message>
        <source>Views on another screen</source>
        <translation>另一屏幕上的视图</translation>
    </message>
    <message>
        <source>Views on another screen, moving together with these</source>
        <translation>另一屏幕上的视图，与此处的视图联动</translation>
    </message>
    <message>
        <source>Views show different patients</source>
        <translation>各视图显示不同患者</translation>
    </message>
    <message>
        <source>Viridis</source>
        <translation>Viridis</translation>
    </message>
    <message>
        <source>What a model changed in the images</source>
        <translation>模型在图像中改变了什么</translation>
    </message>
    <message>
        <source>What the model changed, in HU. Structures seen here were altered, not only noise.</source>
        <translation>模型改变的部分（HU）。此处可见的结构表示结构也被改变，而不仅是噪声。</translation>
    </message>
    <message>
        <source>What the model changed: enhanced minus original (Shift+F2)</source>
        <translation>模型改变的部分：增强减去原始 (Shift+F2)</translation>
    </message>
    <message>
        <source>What you measure is not being kept</source>
        <translation>您的测量未被保存</translation>
    </message>
    <message>
        <source>What you were working on is still open. The details say where it happened and hold no patient data.</source>
        <translation>您正在进行的工作仍然打开。详细信息说明故障位置，不含患者数据。</translation>
    </message>
    <message>
        <source>Wheel</source>
        <translation>滚轮</translation>
    </message>
    <message>
        <source>Where it looked</source>
        <translation>模型看了哪里</translation>
    </message>
    <message>
        <source>Where models run. Automatic takes a CUDA graphics card where there is one.</source>
        <translation>模型在何处运行。“自动”在有 CUDA 显卡时使用显卡。</translation>
    </message>
    <message>
        <source>Where models run: auto (a CUDA device where there is one, else the processor), cpu, cuda or cuda:n.</source>
        <translation>模型在何处运行：auto（有 CUDA 设备时使用它，否则使用处理器）、cpu、cuda 或 cuda:n。</translation>
    </message>
    <message>
        <source>Which files were skipped?</source>
        <translation>跳过了哪些文件？</translation>
    </message>
    <message>
        <source>Which images</source>
        <translation>导出哪些图像</translation>
    </message>
    <message>
        <source>Width</source>
        <translation>窗宽</translation>
    </message>
    <message>
        <source>Window</source>
        <translation>调窗</translation>
    </message>
    <message>
        <source>Window</source>
        <comment>tab</comment>
        <translation>窗宽窗位</translation>
    </message>
    <message>
        <source>Window &amp;presets</source>
        <translation>窗预设(&amp;P)</translation>
    </message>
    <message>
        <source>Window from &amp;region</source>
        <translation>由感兴趣区定窗(&amp;R)</translation>
    </message>
    <message>
        <source>Window from the smallest to the largest value</source>
        <translation>窗覆盖最小值至最大值</translation>
    </message>
    <message>
        <source>Window from this image's values</source>
        <translation>根据此图像的值定窗</translation>
    </message>
    <message>
        <source>Window preset</source>
        <translation>窗预设</translation>
    </message>
    <message>
        <source>Window preset {number}</source>
        <translation>窗预设 {number}</translation>
    </message>
    <message>
        <source>Window preset {n}</source>
        <translation>窗预设 {n}</translation>
    </message>
    <message>
        <source>Window presets</source>
        <translation>窗预设</translation>
    </message>
    <message>
        <source>Window: drag for brightness and contrast</source>
        <translation>调窗：拖动以调节亮度和对比度</translation>
    </message>
    <message>
        <source>Work goes on. Export a report before you quit.</source>
        <translation>工作可以继续。请在退出前导出报告。</translation>
    </message>
    <message>
        <source>Write on the image</source>
        <translation>在图像上书写</translation>
    </message>
    <message>
        <source>Write pictures, or a moving one</source>
        <translation>写出图片或动态图片</translation>
    </message>
    <message>
        <source>Write width/centre such as 1500/-600, or one of {names}.</source>
        <translation>请写成 窗宽/窗位（例如 1500/-600），或 {names} 之一。</translation>
    </message>
    <message>
        <source>Writing…</source>
        <translation>正在写入…</translation>
    </message>
    <message>
        <source>X-ray angiography</source>
        <translation>X 线血管造影</translation>
    </message>
    <message>
        <source>Zoom</source>
        <translation>缩放</translation>
    </message>
    <message>
        <source>Zoom &amp;in</source>
        <translation>放大(&amp;I)</translation>
    </message>
    <message>
        <source>Zoom &amp;out</source>
        <translation>缩小(&amp;O)</translation>
    </message>
    <message>
        <source>Zoom {percent:.0f} %</source>
        <translation>缩放 {percent:.0f} %</translation>
    </message>
    <message>
        <source>a 3D material (MTL)</source>
        <translation>三维材质 (MTL)</translation>
    </message>
    <message>
        <source>a 3D model (OBJ)</source>
        <translation>三维模型 (OBJ)</translation>
    </message>
    <message>
        <source>a 3D model (STL)</source>
        <translation>三维模型 (STL)</translation>
    </message>
    <message>
        <source>a DICOMDIR, a directory of other files</source>
        <translation>DICOMDIR，即其他文件的目录</translation>
    </message>
    <message>
        <source>a ZIP archive</source>
        <translation>ZIP 压缩包</translation>
    </message>
    <message>
        <source>a ZIP archive that cannot be unpacked ({fault})</source>
        <translation>无法解压的 ZIP 压缩包（{fault}）</translation>
    </message>
    <message>
        <source>a ZIP archive that would unpack to more than {size:.1f} GB: {remedy}</source>
        <translation>解压后超过 {size:.1f} GB 的 ZIP 压缩包：{remedy}</translation>
    </message>
    <message>
        <source>a ZIP archive with too many files: {remedy}</source>
        <translation>文件过多的 ZIP 压缩包：{remedy}</translation>
    </message>
    <message>
        <source>a ZIP archive within another: unpack it and open the folder</source>
        <translation>嵌套在另一压缩包中的 ZIP 压缩包：请解压后打开文件夹</translation>
    </message>
    <message>
        <source>a ZIP archive without DICOM files</source>
        <translation>不含 DICOM 文件的 ZIP 压缩包</translation>
    </message>
    <message>
        <source>a blending presentation state</source>
        <translation>混合呈现状态</translation>
    </message>
    <message>
        <source>a clinical document (CDA)</source>
        <translation>临床文档 (CDA)</translation>
    </message>
    <message>
        <source>a colour presentation state</source>
        <translation>彩色呈现状态</translation>
    </message>
    <message>
        <source>a compositing planar MPR presentation state</source>
        <translation>合成平面 MPR 呈现状态</translation>
    </message>
    <message>
        <source>a copy of {name} (same SOP Instance UID)</source>
        <translation>{name} 的副本（SOP Instance UID 相同）</translation>
    </message>
    <message>
        <source>a damaged ZIP archive</source>
        <translation>已损坏的 ZIP 压缩包</translation>
    </message>
    <message>
        <source>a dose of {dose:g} Bq cannot be meant in becquerel</source>
        <translation>{dose:g} Bq 的剂量不可能以贝可为单位</translation>
    </message>
    <message>
        <source>a key object selection</source>
        <translation>关键图像选择</translation>
    </message>
    <message>
        <source>a link to nothing</source>
        <translation>指向不存在文件的链接</translation>
    </message>
    <message>
        <source>a multiple volume rendering presentation state</source>
        <translation>多容积绘制呈现状态</translation>
    </message>
    <message>
        <source>a palette for {allocated} bits is not supported</source>
        <translation>不支持 {allocated} 位的调色板</translation>
    </message>
    <message>
        <source>a parametric map</source>
        <translation>参数图</translation>
    </message>
    <message>
        <source>a patient without a name</source>
        <translation>无姓名患者</translation>
    </message>
    <message>
        <source>a planar MPR presentation state</source>
        <translation>平面 MPR 呈现状态</translation>
    </message>
    <message>
        <source>a presentation state</source>
        <translation>呈现状态</translation>
    </message>
    <message>
        <source>a pseudo-colour presentation state</source>
        <translation>伪彩呈现状态</translation>
    </message>
    <message>
        <source>a radiotherapy dose (RT Dose)</source>
        <translation>放疗剂量 (RT Dose)</translation>
    </message>
    <message>
        <source>a radiotherapy structure set (RT Structure Set)</source>
        <translation>放疗结构集 (RT Structure Set)</translation>
    </message>
    <message>
        <source>a segmentation (SEG)</source>
        <translation>分割 (SEG)</translation>
    </message>
    <message>
        <source>a segmented volume rendering presentation state</source>
        <translation>分割容积绘制呈现状态</translation>
    </message>
    <message>
        <source>a series cannot be laid over itself</source>
        <translation>序列不能叠加到自身</translation>
    </message>
    <message>
        <source>a series without a frame of reference lies nowhere in particular</source>
        <translation>没有参考坐标系的序列位置不明</translation>
    </message>
    <message>
        <source>a single slice shows no volume</source>
        <translation>单个层面无法显示体积</translation>
    </message>
    <message>
        <source>a structured report (SR)</source>
        <translation>结构化报告 (SR)</translation>
    </message>
    <message>
        <source>a volume rendering presentation state</source>
        <translation>容积绘制呈现状态</translation>
    </message>
    <message>
        <source>abdomen</source>
        <translation>腹部</translation>
    </message>
    <message>
        <source>acquisition</source>
        <translation>采集</translation>
    </message>
    <message>
        <source>acquisitions</source>
        <translation>采集</translation>
    </message>
    <message>
        <source>across two regions</source>
        <translation>跨越两个区域</translation>
    </message>
    <message>
        <source>all images of this series</source>
        <translation>该序列的全部图像</translation>
    </message>
    <message>
        <source>an XA/XRF presentation state</source>
        <translation>XA/XRF 呈现状态</translation>
    </message>
    <message>
        <source>an advanced blending presentation state</source>
        <translation>高级混合呈现状态</translation>
    </message>
    <message>
        <source>an encapsulated document</source>
        <translation>封装文档</translation>
    </message>
    <message>
        <source>an encrypted ZIP archive: unpack it with its password and open the folder</source>
        <translation>加密的 ZIP 压缩包：请用密码解压后打开文件夹</translation>
    </message>
    <message>
        <source>an image of {rows} × {columns} pixels is too large</source>
        <translation>{rows} × {columns} 像素的图像过大</translation>
    </message>
    <message>
        <source>an object of known size</source>
        <translation>已知大小的物体</translation>
    </message>
    <message numerus="yes">
        <source>and %n more</source>
        <translation><numerusform>另有 %n 项</numerusform></translation>
    </message>
    <message>
        <source>annotated picture (PNG)</source>
        <translation>带标注的图片 (PNG)</translation>
    </message>
    <message>
        <source>another program holds the file with measurements</source>
        <translation>测量文件被另一程序占用</translation>
    </message>
    <message>
        <source>area</source>
        <translation>面积</translation>
    </message>
    <message>
        <source>arm</source>
        <translation>手臂</translation>
    </message>
    <message>
        <source>as measured</source>
        <translation>（实测）</translation>
    </message>
    <message>
        <source>as the monitor states it: View &gt; Measure this monitor makes it sure</source>
        <translation>（按显示器标称值；可用“视图 &gt; 测量此显示器”核实）</translation>
    </message>
    <message>
        <source>at the same position</source>
        <translation>相同位置</translation>
    </message>
    <message>
        <source>b-value</source>
        <translation>b 值</translation>
    </message>
    <message>
        <source>b-values</source>
        <translation>b 值</translation>
    </message>
    <message>
        <source>bacterial</source>
        <translation>细菌性</translation>
    </message>
    <message>
        <source>below −950 HU</source>
        <translation>低于 −950 HU</translation>
    </message>
    <message>
        <source>beyond the end of the series</source>
        <translation>超出序列范围</translation>
    </message>
    <message>
        <source>born {date}</source>
        <translation>出生 {date}</translation>
    </message>
    <message>
        <source>brain</source>
        <translation>脑</translation>
    </message>
    <message>
        <source>breast</source>
        <translation>乳腺</translation>
    </message>
    <message>
        <source>by the same distance</source>
        <translation>相同距离</translation>
    </message>
    <message>
        <source>calibrated by hand</source>
        <translation>手动校准</translation>
    </message>
    <message>
        <source>cannot be read ({fault})</source>
        <translation>无法读取（{fault}）</translation>
    </message>
    <message>
        <source>cannot make an MP4</source>
        <translation>无法生成 MP4</translation>
    </message>
    <message>
        <source>cannot read the segmentation {path}</source>
        <translation>无法读取分割 {path}</translation>
    </message>
    <message>
        <source>cannot read the structure set {path}</source>
        <translation>无法读取结构集 {path}</translation>
    </message>
    <message>
        <source>cannot read the values of {path}</source>
        <translation>无法读取 {path} 的数值</translation>
    </message>
    <message>
        <source>cannot write {target}</source>
        <translation>无法写入 {target}</translation>
    </message>
    <message>
        <source>changed</source>
        <translation>已更改</translation>
    </message>
    <message>
        <source>chest</source>
        <translation>胸部</translation>
    </message>
    <message>
        <source>colours have no single value to follow</source>
        <translation>彩色没有可追踪的单一数值</translation>
    </message>
    <message>
        <source>compressed by a method of ZIP that is not supported (number {method})</source>
        <translation>所用的 ZIP 压缩方法不受支持（编号 {method}）</translation>
    </message>
    <message>
        <source>computed radiography</source>
        <translation>计算机 X 线摄影</translation>
    </message>
    <message>
        <source>computed tomography</source>
        <translation>计算机断层扫描</translation>
    </message>
    <message>
        <source>conflict</source>
        <translation>冲突</translation>
    </message>
    <message>
        <source>context</source>
        <translation>背景</translation>
    </message>
    <message>
        <source>corrupt: an element claims more memory than there is</source>
        <translation>已损坏：某元素所需内存超过可用内存</translation>
    </message>
    <message>
        <source>corrupt: compressed pixel data without its frames' boundaries</source>
        <translation>已损坏：压缩像素数据没有帧边界</translation>
    </message>
    <message>
        <source>corrupt: it claims {declared} frames</source>
        <translation>已损坏：声称有 {declared} 帧</translation>
    </message>
    <message>
        <source>corrupt: it has more elements than any image needs</source>
        <translation>已损坏：元素数量超过任何图像所需</translation>
    </message>
    <message>
        <source>corrupt: no pixel data within the first {size} MB</source>
        <translation>已损坏：前 {size} MB 内没有像素数据</translation>
    </message>
    <message>
        <source>corrupt: sequences are nested too deeply</source>
        <translation>已损坏：序列嵌套过深</translation>
    </message>
    <message>
        <source>corrupt: the data set cannot be parsed</source>
        <translation>已损坏：数据集无法解析</translation>
    </message>
    <message>
        <source>corrupt: the deflated data set cannot be inflated</source>
        <translation>已损坏：压缩的数据集无法解压</translation>
    </message>
    <message>
        <source>corrupt: the palette of its colours cannot be read</source>
        <translation>已损坏：颜色的调色板无法读取</translation>
    </message>
    <message>
        <source>corrupt: {cause}</source>
        <translation>已损坏：{cause}</translation>
    </message>
    <message>
        <source>counts are only proportional</source>
        <translation>计数只有相对意义</translation>
    </message>
    <message>
        <source>counts need a factor that the file does not hold</source>
        <translation>计数需要文件中没有的换算系数</translation>
    </message>
    <message>
        <source>damaged in its ZIP archive</source>
        <translation>在 ZIP 压缩包中已损坏</translation>
    </message>
    <message>
        <source>decubitus left</source>
        <translation>左侧卧</translation>
    </message>
    <message>
        <source>decubitus right</source>
        <translation>右侧卧</translation>
    </message>
    <message>
        <source>denser than −500 HU</source>
        <translation>高于 −500 HU</translation>
    </message>
    <message>
        <source>detector</source>
        <translation>探头</translation>
    </message>
    <message>
        <source>detectors</source>
        <translation>探头</translation>
    </message>
    <message>
        <source>device {wanted!r} is not here: {count} CUDA device(s) found; use auto or cpu</source>
        <translation>没有设备 {wanted!r}：找到 {count} 个 CUDA 设备；请使用 auto 或 cpu</translation>
    </message>
    <message>
        <source>digital radiography</source>
        <translation>数字 X 线摄影</translation>
    </message>
    <message>
        <source>echo</source>
        <translation>回波</translation>
    </message>
    <message>
        <source>echoes</source>
        <translation>回波</translation>
    </message>
    <message>
        <source>echoes and time points</source>
        <translation>回波与时间点</translation>
    </message>
    <message>
        <source>empty file</source>
        <translation>空文件</translation>
    </message>
    <message>
        <source>encrypted in its ZIP archive</source>
        <translation>在 ZIP 压缩包中已加密</translation>
    </message>
    <message>
        <source>endoscopy</source>
        <translation>内镜</translation>
    </message>
    <message>
        <source>energy window</source>
        <translation>能窗</translation>
    </message>
    <message>
        <source>energy windows</source>
        <translation>能窗</translation>
    </message>
    <message>
        <source>even steps of lightness, black to white</source>
        <translation>亮度均匀递增，由黑至白</translation>
    </message>
    <message>
        <source>even steps of lightness, from black</source>
        <translation>亮度均匀递增，由黑起</translation>
    </message>
    <message>
        <source>even steps of lightness, in blues</source>
        <translation>亮度均匀递增，蓝色调</translation>
    </message>
    <message>
        <source>even steps of lightness; readable with any colour vision</source>
        <translation>亮度均匀递增；任何色觉均可辨读</translation>
    </message>
    <message>
        <source>expects CT; this is {modality}</source>
        <translation>需要 CT；当前为 {modality}</translation>
    </message>
    <message>
        <source>expects a frontal view (PA or AP); by Patient Orientation this is a lateral one</source>
        <translation>需要正位（PA 或 AP）；按患者方位当前为侧位</translation>
    </message>
    <message>
        <source>expects a frontal view (PA or AP); this is {view}</source>
        <translation>需要正位（PA 或 AP）；当前为{view}</translation>
    </message>
    <message>
        <source>expects a greyscale image; this one is in colour</source>
        <translation>需要灰阶图像；当前为彩色</translation>
    </message>
    <message>
        <source>expects a radiograph ({wanted}); this is {modality}</source>
        <translation>需要 X 线片（{wanted}）；当前为 {modality}</translation>
    </message>
    <message>
        <source>expects a single film; {columns}×{rows} pixels are too elongated for one (stitched, or a strip)</source>
        <translation>需要单张片；{columns}×{rows} 像素过于狭长（拼接片或条带）</translation>
    </message>
    <message>
        <source>expects a single image; this one has {count} frames or slices</source>
        <translation>需要单幅图像；当前有 {count} 帧或层</translation>
    </message>
    <message>
        <source>expects a stack that shows axial planes of at least {least:g} mm; these cover {width:.0f} × {depth:.0f} mm</source>
        <translation>需要轴位平面至少为 {least:g} mm 的图像堆栈；此处仅覆盖 {width:.0f} × {depth:.0f} mm</translation>
    </message>
    <message>
        <source>expects an upright image; by Patient Orientation this one is upside down</source>
        <translation>需要正立的图像；按患者方位当前上下颠倒</translation>
    </message>
    <message>
        <source>expects an upright image; by Patient Orientation this one lies on its side</source>
        <translation>需要正立的图像；按患者方位当前横置</translation>
    </message>
    <message>
        <source>expects at least {least} slices; this series has {slices}</source>
        <translation>需要至少 {least} 层；该序列有 {slices} 层</translation>
    </message>
    <message>
        <source>expects at least {least}×{least} pixels; these slices have {columns}×{rows}</source>
        <translation>需要至少 {least}×{least} 像素；这些层面为 {columns}×{rows}</translation>
    </message>
    <message>
        <source>expects at least {least}×{least} pixels; this image has {columns}×{rows}</source>
        <translation>需要至少 {least}×{least} 像素；此图像为 {columns}×{rows}</translation>
    </message>
    <message>
        <source>expects evenly spaced slices of one volume; these are none</source>
        <translation>需要同一容积中等间距的层面；当前不是</translation>
    </message>
    <message>
        <source>expects greyscale CT slices; this series is in colour</source>
        <translation>需要灰阶 CT 层面；该序列为彩色</translation>
    </message>
    <message>
        <source>expects one volume; this series holds several, one for each {point}</source>
        <translation>需要单个容积；该序列含有多个，每个{point}一个</translation>
    </message>
    <message>
        <source>expects slices of at most {most:g} mm; these are {thickness:g} mm</source>
        <translation>需要层厚不超过 {most:g} mm；当前为 {thickness:g} mm</translation>
    </message>
    <message>
        <source>expects the {wanted}; the header says {body_part}</source>
        <translation>需要部位：{wanted}；文件头写明：{body_part}</translation>
    </message>
    <message>
        <source>expects {wanted}; the pixel values of this image are {found}</source>
        <translation>需要 {wanted}；此图像的像素值为 {found}</translation>
    </message>
    <message>
        <source>expects {wanted}; {why}</source>
        <translation>需要 {wanted}；{why}</translation>
    </message>
    <message>
        <source>extremity</source>
        <translation>四肢</translation>
    </message>
    <message>
        <source>female</source>
        <translation>女</translation>
    </message>
    <message>
        <source>flip angle</source>
        <translation>翻转角</translation>
    </message>
    <message>
        <source>flip angles</source>
        <translation>翻转角</translation>
    </message>
    <message>
        <source>fluoroscopy</source>
        <translation>透视</translation>
    </message>
    <message>
        <source>foot</source>
        <translation>足</translation>
    </message>
    <message>
        <source>hand</source>
        <translation>手</translation>
    </message>
    <message>
        <source>head</source>
        <translation>头部</translation>
    </message>
    <message>
        <source>heart</source>
        <translation>心脏</translation>
    </message>
    <message>
        <source>hip</source>
        <translation>髋部</translation>
    </message>
    <message>
        <source>image</source>
        <translation>图像</translation>
    </message>
    <message>
        <source>image that is not open</source>
        <translation>图像未打开</translation>
    </message>
    <message>
        <source>images</source>
        <translation>图像</translation>
    </message>
    <message>
        <source>images are still being loaded</source>
        <translation>图像仍在加载</translation>
    </message>
    <message>
        <source>incomplete: it has no palette for its colours</source>
        <translation>不完整：没有颜色所需的调色板</translation>
    </message>
    <message>
        <source>incomplete: the image has no size (Rows, Columns)</source>
        <translation>不完整：图像没有尺寸 (Rows, Columns)</translation>
    </message>
    <message>
        <source>inferred from</source>
        <translation>推断自</translation>
    </message>
    <message>
        <source>input/output error</source>
        <translation>输入/输出错误</translation>
    </message>
    <message>
        <source>intra-oral radiography</source>
        <translation>口内 X 线摄影</translation>
    </message>
    <message>
        <source>intravascular ultrasound</source>
        <translation>血管内超声</translation>
    </message>
    <message>
        <source>inversion time</source>
        <translation>反转时间</translation>
    </message>
    <message>
        <source>inversion times</source>
        <translation>反转时间</translation>
    </message>
    <message>
        <source>inverted</source>
        <translation>反色</translation>
    </message>
    <message>
        <source>it cannot be read</source>
        <translation>无法读取</translation>
    </message>
    <message>
        <source>it does not say where its dose lies in the patient</source>
        <translation>未说明剂量在患者体内的位置</translation>
    </message>
    <message>
        <source>it does not say where its frames lie in the patient</source>
        <translation>未说明各帧在患者体内的位置</translation>
    </message>
    <message>
        <source>it has fewer than three slices</source>
        <translation>少于三层</translation>
    </message>
    <message>
        <source>it has no Dose Grid Scaling, so its values mean nothing</source>
        <translation>没有 Dose Grid Scaling，因此数值没有意义</translation>
    </message>
    <message>
        <source>it has no pages</source>
        <translation>没有页面</translation>
    </message>
    <message>
        <source>it has not been loaded completely</source>
        <translation>尚未完全加载</translation>
    </message>
    <message>
        <source>it has {planes} planes and places for {places}</source>
        <translation>有 {planes} 个平面，却有 {places} 个位置</translation>
    </message>
    <message>
        <source>it holds {found} bits a sample where the header says {said}</source>
        <translation>每个样本实际为 {found} 位，文件头却写明 {said} 位</translation>
    </message>
    <message>
        <source>it holds {found} pixels where the header says {said}</source>
        <translation>实际为 {found} 像素，文件头却写明 {said}</translation>
    </message>
    <message>
        <source>it holds {found} samples a pixel where the header says {said}</source>
        <translation>每个像素实际有 {found} 个样本，文件头却写明 {said} 个</translation>
    </message>
    <message>
        <source>it holds {what}, not a PDF</source>
        <translation>内容是{what}，不是 PDF</translation>
    </message>
    <message>
        <source>it is a folder</source>
        <translation>这是文件夹</translation>
    </message>
    <message>
        <source>it is damaged</source>
        <translation>已损坏</translation>
    </message>
    <message>
        <source>it is damaged or no PDF</source>
        <translation>已损坏，或不是 PDF</translation>
    </message>
    <message>
        <source>it is in colour</source>
        <translation>它是彩色的</translation>
    </message>
    <message>
        <source>it is larger than {size} MB</source>
        <translation>大于 {size} MB</translation>
    </message>
    <message>
        <source>it is neither an RT Dose nor a Parametric Map</source>
        <translation>既不是 RT Dose，也不是参数图</translation>
    </message>
    <message>
        <source>it is no longer there</source>
        <translation>已不在原处</translation>
    </message>
    <message>
        <source>it is not a DICOM Segmentation</source>
        <translation>不是 DICOM 分割</translation>
    </message>
    <message>
        <source>it is not a DICOM file</source>
        <translation>不是 DICOM 文件</translation>
    </message>
    <message>
        <source>it is not an RT Structure Set</source>
        <translation>不是 RT 结构集</translation>
    </message>
    <message>
        <source>it is not open</source>
        <translation>未打开</translation>
    </message>
    <message>
        <source>it is protected by a password</source>
        <translation>受密码保护</translation>
    </message>
    <message>
        <source>it shows pixels {aspect:.3g} times as high as wide; the image's own are {own:.3g}</source>
        <translation>其显示的像素高宽比为 {aspect:.3g}；图像自身为 {own:.3g}</translation>
    </message>
    <message>
        <source>its blending is not applied</source>
        <translation>未应用其混合设置</translation>
    </message>
    <message>
        <source>its colours are stored as {photometric}, which is not supported</source>
        <translation>颜色以 {photometric} 存储，不受支持</translation>
    </message>
    <message>
        <source>its compound graphics are not drawn</source>
        <translation>未绘制其复合图形</translation>
    </message>
    <message>
        <source>its curves are not drawn</source>
        <translation>未绘制其曲线</translation>
    </message>
    <message>
        <source>its decay correction is NONE</source>
        <translation>其衰变校正为 NONE</translation>
    </message>
    <message>
        <source>its displayed area is for a whole-slide matrix</source>
        <translation>其显示区域针对整张玻片矩阵</translation>
    </message>
    <message>
        <source>its displayed area is not cut out</source>
        <translation>未裁切其显示区域</translation>
    </message>
    <message>
        <source>its frames are in several units ({units})</source>
        <translation>各帧单位不一（{units}）</translation>
    </message>
    <message>
        <source>its images do not all say where in the patient they lie</source>
        <translation>并非所有图像都说明了在患者体内的位置</translation>
    </message>
    <message>
        <source>its images do not lie in the patient</source>
        <translation>其图像没有患者坐标</translation>
    </message>
    <message>
        <source>its images share no frame of reference</source>
        <translation>其图像没有共同的参考坐标系</translation>
    </message>
    <message>
        <source>its mask subtraction is not applied</source>
        <translation>未应用其蒙片减影</translation>
    </message>
    <message>
        <source>its palette is not applied</source>
        <translation>未应用其调色板</translation>
    </message>
    <message>
        <source>its pixel data is damaged</source>
        <translation>其像素数据已损坏</translation>
    </message>
    <message>
        <source>its recommended viewing mode is not applied</source>
        <translation>未应用其推荐的查看方式</translation>
    </message>
    <message>
        <source>knee</source>
        <translation>膝部</translation>
    </message>
    <message>
        <source>lateral</source>
        <translation>侧位</translation>
    </message>
    <message>
        <source>left anterior oblique</source>
        <translation>左前斜位</translation>
    </message>
    <message>
        <source>left lateral</source>
        <translation>左侧位</translation>
    </message>
    <message>
        <source>left lateral decubitus</source>
        <translation>左侧卧位</translation>
    </message>
    <message>
        <source>left lateral oblique</source>
        <translation>左侧斜位</translation>
    </message>
    <message>
        <source>left posterior oblique</source>
        <translation>左后斜位</translation>
    </message>
    <message>
        <source>leg</source>
        <translation>腿部</translation>
    </message>
    <message>
        <source>lossy</source>
        <translation>有损</translation>
    </message>
    <message>
        <source>lossy {ratio:.0f}:1</source>
        <translation>有损 {ratio:.0f}:1</translation>
    </message>
    <message>
        <source>lung</source>
        <translation>肺</translation>
    </message>
    <message>
        <source>magnetic resonance</source>
        <translation>磁共振</translation>
    </message>
    <message>
        <source>male</source>
        <translation>男</translation>
    </message>
    <message>
        <source>mammography</source>
        <translation>乳腺 X 线摄影</translation>
    </message>
    <message>
        <source>mean density</source>
        <translation>平均密度</translation>
    </message>
    <message>
        <source>more exactly</source>
        <translation>更准确地说</translation>
    </message>
    <message>
        <source>neck</source>
        <translation>颈部</translation>
    </message>
    <message>
        <source>no format is named</source>
        <translation>未指定格式</translation>
    </message>
    <message>
        <source>no lung was found</source>
        <translation>未找到肺</translation>
    </message>
    <message>
        <source>no lung was found in these slices</source>
        <translation>在这些层面中未找到肺</translation>
    </message>
    <message>
        <source>no model has made one</source>
        <translation>还没有模型生成序列</translation>
    </message>
    <message>
        <source>no model has run</source>
        <translation>没有运行过模型</translation>
    </message>
    <message>
        <source>no permission to read this file</source>
        <translation>没有读取该文件的权限</translation>
    </message>
    <message>
        <source>no series is open</source>
        <translation>没有打开的序列</translation>
    </message>
    <message>
        <source>no such file or folder</source>
        <translation>没有这样的文件或文件夹</translation>
    </message>
    <message>
        <source>no value</source>
        <translation>无值</translation>
    </message>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <source>normal</source>
        <translation>正常</translation>
    </message>
    <message>
        <source>not a DICOM file</source>
        <translation>不是 DICOM 文件</translation>
    </message>
    <message>
        <source>not a regular file</source>
        <translation>不是普通文件</translation>
    </message>
    <message>
        <source>not an image ({kind})</source>
        <translation>不是图像（{kind}）</translation>
    </message>
    <message>
        <source>not an image ({kind}): real-world values of other images, which are not used</source>
        <translation>不是图像（{kind}）：其他图像的真实世界数值，未使用</translation>
    </message>
    <message>
        <source>not an image: it names no known kind of object</source>
        <translation>不是图像：未指明已知的对象类型</translation>
    </message>
    <message>
        <source>not enough memory</source>
        <translation>内存不足</translation>
    </message>
    <message>
        <source>not enough memory: its deflated pixels take {size:.1f} GB</source>
        <translation>内存不足：其压缩像素需要 {size:.1f} GB</translation>
    </message>
    <message>
        <source>not permitted</source>
        <translation>不允许</translation>
    </message>
    <message>
        <source>not understood</source>
        <translation>无法理解</translation>
    </message>
    <message>
        <source>nothing in the files tells them apart</source>
        <translation>文件中没有可区分它们的信息</translation>
    </message>
    <message>
        <source>nothing is shown</source>
        <translation>没有显示内容</translation>
    </message>
    <message>
        <source>nuclear medicine</source>
        <translation>核医学</translation>
    </message>
    <message>
        <source>object that is not open</source>
        <translation>对象未打开</translation>
    </message>
    <message>
        <source>oblique</source>
        <translation>斜位</translation>
    </message>
    <message>
        <source>of no modality</source>
        <translation>未注明类型的图像</translation>
    </message>
    <message>
        <source>of {count}</source>
        <translation>/ {count}</translation>
    </message>
    <message>
        <source>only one lung was found</source>
        <translation>只找到一侧肺</translation>
    </message>
    <message>
        <source>only their {attribute} is known</source>
        <translation>只知道它们的{attribute}</translation>
    </message>
    <message>
        <source>ophthalmic photography</source>
        <translation>眼科摄影</translation>
    </message>
    <message>
        <source>other</source>
        <comment>modality</comment>
        <translation>其他</translation>
    </message>
    <message>
        <source>other</source>
        <comment>sex</comment>
        <translation>其他</translation>
    </message>
    <message>
        <source>outside the calibrated regions</source>
        <translation>在已校准区域之外</translation>
    </message>
    <message>
        <source>page {number} cannot be drawn</source>
        <translation>第 {number} 页无法绘制</translation>
    </message>
    <message>
        <source>page {number} has no size that can be shown</source>
        <translation>第 {number} 页没有可显示的尺寸</translation>
    </message>
    <message>
        <source>panoramic radiography</source>
        <translation>全景 X 线摄影</translation>
    </message>
    <message>
        <source>part of the path is a file, not a folder</source>
        <translation>路径的一部分是文件而非文件夹</translation>
    </message>
    <message>
        <source>pelvis</source>
        <translation>骨盆</translation>
    </message>
    <message>
        <source>permission denied</source>
        <translation>权限不足</translation>
    </message>
    <message>
        <source>phase</source>
        <translation>时相</translation>
    </message>
    <message>
        <source>phases</source>
        <translation>时相</translation>
    </message>
    <message>
        <source>photography</source>
        <translation>摄影</translation>
    </message>
    <message>
        <source>positron emission tomography</source>
        <translation>正电子发射断层扫描</translation>
    </message>
    <message>
        <source>presentation state</source>
        <translation>呈现状态</translation>
    </message>
    <message>
        <source>prone</source>
        <translation>俯卧</translation>
    </message>
    <message>
        <source>properties</source>
        <translation>属性</translation>
    </message>
    <message>
        <source>radiotherapy image</source>
        <translation>放疗图像</translation>
    </message>
    <message>
        <source>refused: a link or special file in a ZIP archive</source>
        <translation>已拒绝：ZIP 压缩包中的链接或特殊文件</translation>
    </message>
    <message>
        <source>refused: its name leads out of the archive, or is no plain name</source>
        <translation>已拒绝：其名称指向压缩包之外，或不是普通名称</translation>
    </message>
    <message>
        <source>research use only</source>
        <translation>仅供研究使用</translation>
    </message>
    <message>
        <source>right anterior oblique</source>
        <translation>右前斜位</translation>
    </message>
    <message>
        <source>right lateral</source>
        <translation>右侧位</translation>
    </message>
    <message>
        <source>right lateral decubitus</source>
        <translation>右侧卧位</translation>
    </message>
    <message>
        <source>right lateral oblique</source>
        <translation>右侧斜位</translation>
    </message>
    <message>
        <source>right posterior oblique</source>
        <translation>右后斜位</translation>
    </message>
    <message>
        <source>secondary capture</source>
        <translation>二次采集</translation>
    </message>
    <message>
        <source>see item {number}</source>
        <translation>参见条目 {number}</translation>
    </message>
    <message>
        <source>segmentation</source>
        <translation>分割</translation>
    </message>
    <message>
        <source>selected from</source>
        <translation>选自</translation>
    </message>
    <message>
        <source>several of its images lie at the same position</source>
        <translation>其多幅图像位于同一位置</translation>
    </message>
    <message>
        <source>share of image</source>
        <translation>占图像比例</translation>
    </message>
    <message>
        <source>shoulder</source>
        <translation>肩部</translation>
    </message>
    <message>
        <source>sigmoid</source>
        <translation>S 形曲线</translation>
    </message>
    <message>
        <source>skull</source>
        <translation>颅骨</translation>
    </message>
    <message>
        <source>slice {number} has {count}</source>
        <translation>第 {number} 层有 {count} 幅</translation>
    </message>
    <message>
        <source>slices are {thickness:g} mm thick (more than {thin:g})</source>
        <translation>层厚为 {thickness:g} mm（超过 {thin:g}）</translation>
    </message>
    <message>
        <source>spine</source>
        <translation>脊柱</translation>
    </message>
    <message>
        <source>supine</source>
        <translation>仰卧</translation>
    </message>
    <message>
        <source>the DICOMDIR leads out of its own folder, which is not followed</source>
        <translation>该 DICOMDIR 指向其所在文件夹之外，未予跟随</translation>
    </message>
    <message>
        <source>the DICOMDIR names it, but it is not there</source>
        <translation>DICOMDIR 中列出，但文件不存在</translation>
    </message>
    <message>
        <source>the assumed geometry</source>
        <translation>假定的几何关系</translation>
    </message>
    <message>
        <source>the compressed data is corrupt</source>
        <translation>压缩数据已损坏</translation>
    </message>
    <message>
        <source>the data is corrupt</source>
        <translation>数据已损坏</translation>
    </message>
    <message>
        <source>the decoder</source>
        <translation>解码程序</translation>
    </message>
    <message>
        <source>the decoder answered with another size</source>
        <translation>解码程序返回了不同的大小</translation>
    </message>
    <message>
        <source>the decoder ended</source>
        <translation>解码程序已终止</translation>
    </message>
    <message>
        <source>the disk is full</source>
        <translation>磁盘已满</translation>
    </message>
    <message>
        <source>the document in it is empty</source>
        <translation>其中的文档为空</translation>
    </message>
    <message>
        <source>the encoder wrote frames of different lengths</source>
        <translation>编码器写出的各帧时长不一</translation>
    </message>
    <message>
        <source>the encoder wrote no moving picture</source>
        <translation>编码器未写出动态图片</translation>
    </message>
    <message>
        <source>the field of view cuts the lung</source>
        <translation>视野截断了肺</translation>
    </message>
    <message>
        <source>the file does not say the unit of its values</source>
        <translation>文件未说明其数值的单位</translation>
    </message>
    <message>
        <source>the file names several injections</source>
        <translation>文件列有多次注射</translation>
    </message>
    <message>
        <source>the file system is read-only</source>
        <translation>文件系统为只读</translation>
    </message>
    <message>
        <source>the file with measurements cannot be opened or written</source>
        <translation>无法打开或写入测量文件</translation>
    </message>
    <message>
        <source>the file with measurements of earlier sessions is damaged</source>
        <translation>先前工作的测量文件已损坏</translation>
    </message>
    <message>
        <source>the file with measurements was written by a newer version</source>
        <translation>测量文件由较新版本写成</translation>
    </message>
    <message>
        <source>the file would be larger than the system allows</source>
        <translation>文件将超过系统允许的大小</translation>
    </message>
    <message>
        <source>the folder cannot be written</source>
        <translation>无法写入该文件夹</translation>
    </message>
    <message>
        <source>the folder for measurements cannot be written</source>
        <translation>无法写入测量文件夹</translation>
    </message>
    <message>
        <source>the greys of the file</source>
        <translation>文件自身的灰阶</translation>
    </message>
    <message>
        <source>the half-life is missing</source>
        <translation>缺少半衰期</translation>
    </message>
    <message>
        <source>the header does not name the body part, and what was found does not look like lung (median {middle:.0f} HU)</source>
        <translation>文件头未说明身体部位，且找到的部分不像肺（中位数 {middle:.0f} HU）</translation>
    </message>
    <message>
        <source>the header does not say that this is a frontal chest radiograph of a child, and it does not look like those that the model knows ({times:.1f} times the difference that is accepted)</source>
        <translation>文件头没有说明这是儿童正位胸片，且图像与模型所知的不相似（差异为可接受值的 {times:.1f} 倍）</translation>
    </message>
    <message>
        <source>the header does not say that this is a frontal chest radiograph, and the result does not look like one: {objection}</source>
        <translation>文件头未说明这是胸部正位片，而结果看来也不像：{objection}</translation>
    </message>
    <message>
        <source>the image does not say where in the patient it lies</source>
        <translation>图像未说明其在患者体内的位置</translation>
    </message>
    <message>
        <source>the image is blank: (nearly) all pixels have the same value</source>
        <translation>图像为空白：（几乎）所有像素的值相同</translation>
    </message>
    <message>
        <source>the images are not corrected for {what}</source>
        <translation>图像未作{what}校正</translation>
    </message>
    <message>
        <source>the images are not those that it was cut from</source>
        <translation>图像不是当初重建该平面所用的图像</translation>
    </message>
    <message>
        <source>the images have no Rescale Slope</source>
        <translation>图像没有 Rescale Slope</translation>
    </message>
    <message>
        <source>the images have no place in the patient</source>
        <translation>图像在患者体内没有位置</translation>
    </message>
    <message>
        <source>the images share no frame of reference</source>
        <translation>图像没有共同的参考坐标系</translation>
    </message>
    <message>
        <source>the injected dose is missing</source>
        <translation>缺少注射剂量</translation>
    </message>
    <message>
        <source>the injection is missing</source>
        <translation>缺少注射信息</translation>
    </message>
    <message>
        <source>the injection's date does not fit</source>
        <translation>注射日期不符</translation>
    </message>
    <message>
        <source>the injection's time does not fit that of the scan</source>
        <translation>注射时间与扫描时间不符</translation>
    </message>
    <message>
        <source>the kernel is unknown</source>
        <translation>重建核未知</translation>
    </message>
    <message>
        <source>the kernel {kernel} is sharp</source>
        <translation>重建核 {kernel} 为锐利核</translation>
    </message>
    <message>
        <source>the kernel {kernel} is unfamiliar</source>
        <translation>不认识重建核 {kernel}</translation>
    </message>
    <message>
        <source>the lung goes on beyond both ends of the scan</source>
        <translation>肺超出扫描范围的两端</translation>
    </message>
    <message>
        <source>the lung goes on beyond the lower end of the scan</source>
        <translation>肺超出扫描范围的下端</translation>
    </message>
    <message>
        <source>the lung goes on beyond the upper end of the scan</source>
        <translation>肺超出扫描范围的上端</translation>
    </message>
    <message>
        <source>the model's answer (JSON)</source>
        <translation>模型的输出 (JSON)</translation>
    </message>
    <message>
        <source>the name is too long</source>
        <translation>名称过长</translation>
    </message>
    <message>
        <source>the outline is uncertain over much of its area</source>
        <translation>轮廓在大部分范围内不确定</translation>
    </message>
    <message>
        <source>the path's links lead in a circle</source>
        <translation>路径中的链接形成循环</translation>
    </message>
    <message>
        <source>the patient's weight is missing</source>
        <translation>缺少患者体重</translation>
    </message>
    <message>
        <source>the pixel values of this image are {found}: this series has no Rescale to HU</source>
        <translation>此图像的像素值为 {found}：该序列没有到 HU 的 Rescale</translation>
    </message>
    <message>
        <source>the processor</source>
        <translation>处理器</translation>
    </message>
    <message>
        <source>the program that draws it</source>
        <translation>绘制程序</translation>
    </message>
    <message>
        <source>the program that draws it answered nonsense</source>
        <translation>绘制程序返回了无效内容</translation>
    </message>
    <message>
        <source>the program that draws it cannot run ({fault})</source>
        <translation>绘制程序无法运行（{fault}）</translation>
    </message>
    <message>
        <source>the region has no calibration</source>
        <translation>该区域未校准</translation>
    </message>
    <message>
        <source>the series has one image</source>
        <translation>该序列只有一幅图像</translation>
    </message>
    <message>
        <source>the series has one image at each place</source>
        <translation>该序列每个位置只有一幅图像</translation>
    </message>
    <message>
        <source>the series have different frames of reference: nothing says how they lie to each other</source>
        <translation>两个序列的参考坐标系不同：无从得知彼此的位置关系</translation>
    </message>
    <message>
        <source>the size of its pixels in the patient is not known</source>
        <translation>不知道其像素在患者体内的大小</translation>
    </message>
    <message>
        <source>the slice thickness is unknown</source>
        <translation>层厚未知</translation>
    </message>
    <message>
        <source>the slices do not lie on one regular grid in the patient</source>
        <translation>各层面不在患者体内的同一规则网格上</translation>
    </message>
    <message>
        <source>the time of its decay correction is missing</source>
        <translation>缺少其衰变校正的时间</translation>
    </message>
    <message>
        <source>the time of the injection is missing</source>
        <translation>缺少注射时间</translation>
    </message>
    <message>
        <source>the time of the scan is missing</source>
        <translation>缺少扫描时间</translation>
    </message>
    <message>
        <source>the two areas found are not at the same height</source>
        <translation>找到的两个区域不在同一高度</translation>
    </message>
    <message>
        <source>the two areas found do not lie side by side</source>
        <translation>找到的两个区域不是左右并列</translation>
    </message>
    <message>
        <source>the unit of its values is not that of its rescale</source>
        <translation>其数值的单位与换算后的单位不同</translation>
    </message>
    <message>
        <source>the volume has {count}</source>
        <translation>该容积有 {count} 个</translation>
    </message>
    <message>
        <source>there is no decoder for {name}</source>
        <translation>没有 {name} 的解码程序</translation>
    </message>
    <message>
        <source>there is no format {names}</source>
        <translation>没有格式 {names}</translation>
    </message>
    <message>
        <source>there is no mask to write</source>
        <translation>没有可写出的掩膜</translation>
    </message>
    <message>
        <source>there is no picture</source>
        <translation>没有图片</translation>
    </message>
    <message>
        <source>there is not enough memory for this image</source>
        <translation>内存不足以处理此图像</translation>
    </message>
    <message>
        <source>they have not been loaded yet</source>
        <translation>尚未加载</translation>
    </message>
    <message>
        <source>this build of Pillow has no AV1 encoder</source>
        <translation>此 Pillow 版本没有 AV1 编码器</translation>
    </message>
    <message>
        <source>this folder cannot be read</source>
        <translation>无法读取此文件夹</translation>
    </message>
    <message>
        <source>this image</source>
        <translation>此图像</translation>
    </message>
    <message>
        <source>thorax</source>
        <translation>胸廓</translation>
    </message>
    <message>
        <source>time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>time points</source>
        <translation>时间点</translation>
    </message>
    <message>
        <source>transfer syntax {uid}</source>
        <translation>传输语法 {uid}</translation>
    </message>
    <message>
        <source>truncated</source>
        <translation>数据被截断</translation>
    </message>
    <message>
        <source>truncated or corrupt: the data set is empty</source>
        <translation>被截断或已损坏：数据集为空</translation>
    </message>
    <message>
        <source>truncated or incomplete: it has no pixel data</source>
        <translation>被截断或不完整：没有像素数据</translation>
    </message>
    <message>
        <source>truncated: the file ends before its pixel data does</source>
        <translation>被截断：文件在像素数据结束之前终止</translation>
    </message>
    <message>
        <source>truncated: {found} of {needed} bytes</source>
        <translation>被截断：{needed} 字节中只有 {found} 字节</translation>
    </message>
    <message>
        <source>tube voltage</source>
        <translation>管电压</translation>
    </message>
    <message>
        <source>tube voltages</source>
        <translation>管电压</translation>
    </message>
    <message>
        <source>ultrasound</source>
        <translation>超声</translation>
    </message>
    <message>
        <source>unitless</source>
        <translation>无单位</translation>
    </message>
    <message>
        <source>unitless values</source>
        <translation>无单位的值</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>未知</translation>
    </message>
    <message>
        <source>unknown device {wanted!r}: use auto, cpu, cuda or cuda:n</source>
        <translation>未知设备 {wanted!r}：请使用 auto、cpu、cuda 或 cuda:n</translation>
    </message>
    <message>
        <source>unpack it with another program and open the folder</source>
        <translation>请用其他程序解压后打开文件夹</translation>
    </message>
    <message>
        <source>values are in {unit}</source>
        <translation>数值单位为 {unit}</translation>
    </message>
    <message>
        <source>values have no unit</source>
        <translation>数值没有单位</translation>
    </message>
    <message>
        <source>viral</source>
        <translation>病毒性</translation>
    </message>
    <message>
        <source>volume</source>
        <translation>体积</translation>
    </message>
    <message>
        <source>was made for children up to {most:g} years; the header says {age:.0f}</source>
        <translation>适用于 {most:g} 岁以下儿童；文件头写明 {age:.0f} 岁</translation>
    </message>
    <message>
        <source>weight and dose are beyond any patient's</source>
        <translation>体重和剂量超出任何患者的可能范围</translation>
    </message>
    <message>
        <source>what was found is too large for lungs</source>
        <translation>找到的区域过大，不像肺</translation>
    </message>
    <message>
        <source>what was found is too small for lungs</source>
        <translation>找到的区域过小，不像肺</translation>
    </message>
    <message>
        <source>window {text!r}</source>
        <translation>窗 {text!r}</translation>
    </message>
    <message>
        <source>your disk quota is used up</source>
        <translation>您的磁盘配额已用尽</translation>
    </message>
    <message>
        <source>{allocated} bits allocated per sample are not supported</source>
        <translation>不支持每个样本 {allocated} 位</translation>
    </message>
    <message>
        <source>{attribute} {number:g}</source>
        <translation>{attribute} {number:g}</translation>
    </message>
    <message>
        <source>{axis} {number}/{points}</source>
        <translation>{axis} {number}/{points}</translation>
    </message>
    <message>
        <source>{count} d</source>
        <translation>{count} 天</translation>
    </message>
    <message>
        <source>{count} mo</source>
        <translation>{count} 个月</translation>
    </message>
    <message>
        <source>{count} pixels</source>
        <translation>{count} 像素</translation>
    </message>
    <message>
        <source>{count} wk</source>
        <translation>{count} 周</translation>
    </message>
    <message>
        <source>{count} y</source>
        <translation>{count} 岁</translation>
    </message>
    <message>
        <source>{doing} failed</source>
        <translation>{doing}失败</translation>
    </message>
    <message>
        <source>{doing} needs more memory than is free</source>
        <translation>{doing}所需内存超过可用内存</translation>
    </message>
    <message>
        <source>{end}, {lying}</source>
        <translation>{end}，{lying}</translation>
    </message>
    <message>
        <source>{faulty}; {others}.</source>
        <translation>{faulty}；{others}。</translation>
    </message>
    <message>
        <source>{file}: {reason}</source>
        <translation>{file}：{reason}</translation>
    </message>
    <message>
        <source>{format} left out: {why}.</source>
        <translation>{format}未导出：{why}。</translation>
    </message>
    <message>
        <source>{gap:.2f} mm between {first} and {second}</source>
        <translation>{first} 与 {second} 之间 {gap:.2f} mm</translation>
    </message>
    <message>
        <source>{key} belongs to several commands: {commands}</source>
        <translation>{key} 属于多个命令：{commands}</translation>
    </message>
    <message>
        <source>{least:.2f} to {most:.2f}</source>
        <translation>{least:.2f} 至 {most:.2f}</translation>
    </message>
    <message>
        <source>{length} at detector</source>
        <translation>{length}（探测器平面）</translation>
    </message>
    <message>
        <source>{lines}. Warning: {warnings}</source>
        <translation>{lines}。警告：{warnings}</translation>
    </message>
    <message>
        <source>{low} to {high}{unit}</source>
        <translation>{low} 至 {high}{unit}</translation>
    </message>
    <message>
        <source>{missing} of its {all} slices have no image here</source>
        <translation>其 {all} 层中有 {missing} 层在此处没有图像</translation>
    </message>
    <message>
        <source>{missing} of {all} frames belong to images that are not open.</source>
        <translation>{all} 帧中有 {missing} 帧属于未打开的图像。</translation>
    </message>
    <message>
        <source>{missing} of {points} points are not there</source>
        <translation>{points} 个点中缺少 {missing} 个</translation>
    </message>
    <message>
        <source>{modality} ({name})</source>
        <translation>{modality}（{name}）</translation>
    </message>
    <message>
        <source>{modality} series {number}</source>
        <translation>{modality} 序列 {number}</translation>
    </message>
    <message>
        <source>{name} cannot be shown</source>
        <translation>无法显示 {name}</translation>
    </message>
    <message>
        <source>{name} cannot be used</source>
        <translation>无法使用“{name}”</translation>
    </message>
    <message>
        <source>{name} in colour</source>
        <translation>{name}（彩色）</translation>
    </message>
    <message>
        <source>{name} is not played</source>
        <translation>{name} 无法播放</translation>
    </message>
    <message>
        <source>{name} is on no image of this series</source>
        <translation>{name} 不在该序列的任何图像上</translation>
    </message>
    <message>
        <source>{name} is truncated: {frames} of {declared} frames can be read.</source>
        <translation>{name} 被截断：{declared} 帧中可读取 {frames} 帧。</translation>
    </message>
    <message>
        <source>{name} on {date}</source>
        <translation>{name}，{date}</translation>
    </message>
    <message>
        <source>{name} plane</source>
        <translation>{name}平面</translation>
    </message>
    <message>
        <source>{name} plane, {projection} {mm:g} mm</source>
        <translation>{name}平面，{projection} {mm:g} mm</translation>
    </message>
    <message>
        <source>{name} — research use only</source>
        <translation>{name} — 仅供研究使用</translation>
    </message>
    <message>
        <source>{name}, edited</source>
        <translation>{name}，已编辑</translation>
    </message>
    <message>
        <source>{name}, image {index}</source>
        <translation>{name}，图像 {index}</translation>
    </message>
    <message>
        <source>{name}, series {number}</source>
        <translation>{name}，序列 {number}</translation>
    </message>
    <message>
        <source>{name}, {projection} {mm:g} mm</source>
        <translation>{name}，{projection} {mm:g} mm</translation>
    </message>
    <message>
        <source>{name}: not for this image</source>
        <translation>{name}：不适用于此图像</translation>
    </message>
    <message>
        <source>{name}: {why}</source>
        <translation>{name}：{why}</translation>
    </message>
    <message>
        <source>{number} {unit}</source>
        <translation>{number} {unit}</translation>
    </message>
    <message>
        <source>{path} is larger than {size:.0f} GB: not a model of this program</source>
        <translation>{path} 大于 {size:.0f} GB：不是本程序的模型</translation>
    </message>
    <message>
        <source>{path}: SHA-256 is {found}…, the manifest says {said}…; reinstall the model</source>
        <translation>{path}：SHA-256 为 {found}…，清单写明 {said}…；请重新安装该模型</translation>
    </message>
    <message>
        <source>{path}: cannot read the weights: {fault}</source>
        <translation>{path}：无法读取权重：{fault}</translation>
    </message>
    <message>
        <source>{path}: cannot read the weights: {fault}; reinstall the model</source>
        <translation>{path}：无法读取权重：{fault}；请重新安装该模型</translation>
    </message>
    <message>
        <source>{path}: the weights changed since the model was listed; reinstall it</source>
        <translation>{path}：权重在列出模型之后已改变；请重新安装</translation>
    </message>
    <message>
        <source>{path}: the weights do not fit {network}: {error}</source>
        <translation>{path}：权重与 {network} 不符：{error}</translation>
    </message>
    <message>
        <source>{percent} %</source>
        <translation>{percent} %</translation>
    </message>
    <message>
        <source>{place} of {count}</source>
        <translation>{place} / {count}</translation>
    </message>
    <message>
        <source>{plane} (turned)</source>
        <translation>{plane}（倾斜）</translation>
    </message>
    <message>
        <source>{plane} plane</source>
        <translation>{plane}平面</translation>
    </message>
    <message>
        <source>{plane} plane {chosen}</source>
        <translation>{plane}平面 {chosen}</translation>
    </message>
    <message>
        <source>{program} crashed on this file</source>
        <translation>{program}在处理此文件时崩溃</translation>
    </message>
    <message>
        <source>{program} took too long on this file</source>
        <translation>{program}处理此文件的时间过长</translation>
    </message>
    <message>
        <source>{research_use} It is not a medical device.</source>
        <translation>{research_use}它不是医疗器械。</translation>
    </message>
    <message>
        <source>{rows} × {columns} views</source>
        <translation>{rows} × {columns} 视图</translation>
    </message>
    <message>
        <source>{samples} samples per pixel are not supported</source>
        <translation>不支持每像素 {samples} 个样本</translation>
    </message>
    <message>
        <source>{sentence}.</source>
        <translation>{sentence}。</translation>
    </message>
    <message>
        <source>{series}, stack {stack} of {stacks}</source>
        <translation>{series}，堆栈 {stack} / {stacks}</translation>
    </message>
    <message numerus="yes">
        <source>{shape}, %n points</source>
        <translation><numerusform>{shape}，%n 个点</numerusform></translation>
    </message>
    <message>
        <source>{size:.1f} GB can be used</source>
        <translation>可用内存为 {size:.1f} GB</translation>
    </message>
    <message>
        <source>{size} at detector</source>
        <translation>{size}（探测器平面）</translation>
    </message>
    <message>
        <source>{some} of its {all} frames lie where others do and are not shown.</source>
        <translation>其 {all} 帧中有 {some} 帧与其他帧位置重合，未予显示。</translation>
    </message>
    <message>
        <source>{some} of {all} structures have another frame of reference and are not shown.</source>
        <translation>{all} 个结构中有 {some} 个属于其他参考坐标系，未予显示。</translation>
    </message>
    <message>
        <source>{text}, after {loading:.1f} s of loading</source>
        <translation>{text}，此前加载用时 {loading:.1f} 秒</translation>
    </message>
    <message>
        <source>{text}, by hand</source>
        <translation>{text}，手动校准</translation>
    </message>
    <message>
        <source>{title} cannot be used</source>
        <translation>无法使用“{title}”</translation>
    </message>
    <message>
        <source>{title}, coloured from {low:.4g} to {high:.4g} {unit}</source>
        <translation>{title}，颜色范围 {low:.4g} 至 {high:.4g} {unit}</translation>
    </message>
    <message>
        <source>{title}. Click to go where it is largest.</source>
        <translation>{title}。单击可转到其最大处。</translation>
    </message>
    <message>
        <source>{title}: done</source>
        <translation>{title}：完成</translation>
    </message>
    <message>
        <source>{title}: model card</source>
        <translation>{title}：模型说明</translation>
    </message>
    <message>
        <source>{two} would be shown beside {one}.</source>
        <translation>将在 {one} 旁显示 {two}。</translation>
    </message>
    <message>
        <source>{values} mm</source>
        <translation>{values} mm</translation>
    </message>
    <message>
        <source>{values} mm (changes at {files})</source>
        <translation>{values} mm（在 {files} 处变化）</translation>
    </message>
    <message>
        <source>{what} hidden</source>
        <translation>{what}已隐藏</translation>
    </message>
    <message>
        <source>{what} is not supported</source>
        <translation>不支持{what}</translation>
    </message>
    <message>
        <source>{what}.</source>
        <translation>{what}。</translation>
    </message>
    <message>
        <source>{what}: {why}.</source>
        <translation>{what}：{why}。</translation>
    </message>
    <message>
        <source>{where}   padding</source>
        <translation>{where}   填充</translation>
    </message>
    <message>
        <source>{where}   palette {entry}</source>
        <translation>{where}   调色板 {entry}</translation>
    </message>
    <message>
        <source>{where} holds no image of its own</source>
        <translation>{where}自身不含图像</translation>
    </message>
    <message>
        <source>{where}, {dpi:.0f} pixels an inch {whose}.</source>
        <translation>{where}，每英寸 {dpi:.0f} 像素{whose}。</translation>
    </message>
    <message>
        <source>{where}. Click to go there, double click to rename.</source>
        <translation>{where}。单击可转到该处，双击可重命名。</translation>
    </message>
    <message>
        <source>{x} horizontally</source>
        <translation>{x}（水平）</translation>
    </message>
    <message>
        <source>{y} vertically</source>
        <translation>{y}（垂直）</translation>
    </message>
    <message>
        <source>“{name}”: width and centre must be numbers.</source>
        <translation>“{name}”：窗宽和窗位必须是数字。</translation>
    </message>
</context>
</TS>
