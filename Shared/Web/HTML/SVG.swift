// MARK: Charts and icons, drawn by the server; colours and widths are the style sheet's, by class.

extension Attribute {
    private static func svg(_ name: StaticString, _ number: Double) -> Attribute { Attribute(svg: name, number.plain) }

    /// `0 0 100 40`.
    public static func viewBox(_ x: Double, _ y: Double, _ width: Double, _ height: Double) -> Attribute {
        Attribute(svg: "viewBox", [x, y, width, height].map(\.plain).joined(separator: " "))
    }
    public static func preserveAspectRatio(_ how: String) -> Attribute { Attribute(svg: "preserveAspectRatio", how) }
    public static func x(_ x: Double) -> Attribute { svg("x", x) }
    public static func y(_ y: Double) -> Attribute { svg("y", y) }
    public static func x1(_ x: Double) -> Attribute { svg("x1", x) }
    public static func y1(_ y: Double) -> Attribute { svg("y1", y) }
    public static func x2(_ x: Double) -> Attribute { svg("x2", x) }
    public static func y2(_ y: Double) -> Attribute { svg("y2", y) }
    public static func cx(_ x: Double) -> Attribute { svg("cx", x) }
    public static func cy(_ y: Double) -> Attribute { svg("cy", y) }
    public static func r(_ radius: Double) -> Attribute { svg("r", radius) }
    public static func svgWidth(_ width: Double) -> Attribute { svg("width", width) }
    public static func svgHeight(_ height: Double) -> Attribute { svg("height", height) }
    /// `start`, `middle`, `end`.
    public static func textAnchor(_ place: String) -> Attribute { Attribute(svg: "text-anchor", place) }
    public static func points(_ points: [(x: Double, y: Double)]) -> Attribute {
        Attribute(svg: "points", points.map { "\($0.x.plain),\($0.y.plain)" }.joined(separator: " "))
    }
    /// A path's commands: an escaped value like any other; browsers draw it, and nothing else.
    public static func d(_ commands: String) -> Attribute { Attribute(svg: "d", commands) }
}

extension Double {
    /// With two decimals at most; what is no number is 0, what is beyond a thousand million is that.
    fileprivate var plain: String {
        guard isFinite else { return "0" }
        let hundredths = Int((Swift.min(Swift.max(self, -1e9), 1e9) * 100).rounded())
        let (whole, part) = (abs(hundredths) / 100, abs(hundredths) % 100)
        let fraction = part == 0 ? "" : part % 10 == 0 ? ".\(part / 10)" : part < 10 ? ".0\(part)" : ".\(part)"
        return (hundredths < 0 ? "-" : "") + "\(whole)" + fraction
    }
}

public func svg(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML { HTML(element: "svg", attributes, content()) }
/// A group of shapes.
public func g(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML { HTML(element: "g", attributes, content()) }
public func polyline(_ attributes: Attribute...) -> HTML { HTML(element: "polyline", attributes, .empty) }
public func polygon(_ attributes: Attribute...) -> HTML { HTML(element: "polygon", attributes, .empty) }
public func line(_ attributes: Attribute...) -> HTML { HTML(element: "line", attributes, .empty) }
public func rect(_ attributes: Attribute...) -> HTML { HTML(element: "rect", attributes, .empty) }
public func circle(_ attributes: Attribute...) -> HTML { HTML(element: "circle", attributes, .empty) }
public func path(_ attributes: Attribute...) -> HTML { HTML(element: "path", attributes, .empty) }
/// A text in a drawing.
public func svgText(_ text: String, _ attributes: Attribute...) -> HTML { HTML(element: "text", attributes, HTML(text)) }
/// What a drawing is called by who reads aloud.
public func svgTitle(_ text: String) -> HTML { HTML(element: "title", [], HTML(text)) }
