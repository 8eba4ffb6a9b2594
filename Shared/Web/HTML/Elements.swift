// The elements of pages, by their names in HTML. Each takes attributes, and what stands in it: a text, which is escaped, or a block.

// MARK: With a text or a block

public func div(_ text: String, _ attributes: Attribute...) -> HTML { HTML(element: "div", attributes, HTML(text)) }
public func div(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "div", attributes, content())
}
public func span(_ text: String, _ attributes: Attribute...) -> HTML { HTML(element: "span", attributes, HTML(text)) }
public func span(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "span", attributes, content())
}
public func p(_ text: String, _ attributes: Attribute...) -> HTML { HTML(element: "p", attributes, HTML(text)) }
public func p(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "p", attributes, content())
}
public func h1(_ text: String, _ attributes: Attribute...) -> HTML { HTML(element: "h1", attributes, HTML(text)) }
public func h1(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "h1", attributes, content())
}
public func h2(_ text: String, _ attributes: Attribute...) -> HTML { HTML(element: "h2", attributes, HTML(text)) }
public func h2(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "h2", attributes, content())
}
public func h3(_ text: String, _ attributes: Attribute...) -> HTML { HTML(element: "h3", attributes, HTML(text)) }
public func h3(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "h3", attributes, content())
}
public func h4(_ text: String, _ attributes: Attribute...) -> HTML { HTML(element: "h4", attributes, HTML(text)) }
public func h4(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "h4", attributes, content())
}
/// A link. To elsewhere, `rel` is the caller's to say.
public func a(_ text: String, _ attributes: Attribute...) -> HTML { HTML(element: "a", attributes, HTML(text)) }
public func a(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "a", attributes, content())
}
public func strong(_ text: String, _ attributes: Attribute...) -> HTML { HTML(element: "strong", attributes, HTML(text)) }
public func strong(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "strong", attributes, content())
}
public func em(_ text: String, _ attributes: Attribute...) -> HTML { HTML(element: "em", attributes, HTML(text)) }
public func em(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "em", attributes, content())
}
public func small(_ text: String, _ attributes: Attribute...) -> HTML { HTML(element: "small", attributes, HTML(text)) }
public func small(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "small", attributes, content())
}
public func code(_ text: String, _ attributes: Attribute...) -> HTML { HTML(element: "code", attributes, HTML(text)) }
public func code(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "code", attributes, content())
}
public func pre(_ text: String, _ attributes: Attribute...) -> HTML { HTML(element: "pre", attributes, HTML(text)) }
public func pre(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "pre", attributes, content())
}
public func blockquote(_ text: String, _ attributes: Attribute...) -> HTML { HTML(element: "blockquote", attributes, HTML(text)) }
public func blockquote(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "blockquote", attributes, content())
}
public func mark(_ text: String, _ attributes: Attribute...) -> HTML { HTML(element: "mark", attributes, HTML(text)) }
public func mark(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "mark", attributes, content())
}
public func kbd(_ text: String, _ attributes: Attribute...) -> HTML { HTML(element: "kbd", attributes, HTML(text)) }
public func kbd(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "kbd", attributes, content())
}
public func abbr(_ text: String, _ attributes: Attribute...) -> HTML { HTML(element: "abbr", attributes, HTML(text)) }
public func abbr(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "abbr", attributes, content())
}
public func cite(_ text: String, _ attributes: Attribute...) -> HTML { HTML(element: "cite", attributes, HTML(text)) }
public func cite(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "cite", attributes, content())
}
public func del(_ text: String, _ attributes: Attribute...) -> HTML { HTML(element: "del", attributes, HTML(text)) }
public func del(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "del", attributes, content())
}
public func ins(_ text: String, _ attributes: Attribute...) -> HTML { HTML(element: "ins", attributes, HTML(text)) }
public func ins(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "ins", attributes, content())
}
public func sub(_ text: String, _ attributes: Attribute...) -> HTML { HTML(element: "sub", attributes, HTML(text)) }
public func sub(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "sub", attributes, content())
}
public func sup(_ text: String, _ attributes: Attribute...) -> HTML { HTML(element: "sup", attributes, HTML(text)) }
public func sup(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "sup", attributes, content())
}
public func dt(_ text: String, _ attributes: Attribute...) -> HTML { HTML(element: "dt", attributes, HTML(text)) }
public func dt(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "dt", attributes, content())
}
public func dd(_ text: String, _ attributes: Attribute...) -> HTML { HTML(element: "dd", attributes, HTML(text)) }
public func dd(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "dd", attributes, content())
}
public func li(_ text: String, _ attributes: Attribute...) -> HTML { HTML(element: "li", attributes, HTML(text)) }
public func li(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "li", attributes, content())
}
/// With ``Attribute/scope(_:)``.
public func th(_ text: String, _ attributes: Attribute...) -> HTML { HTML(element: "th", attributes, HTML(text)) }
public func th(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "th", attributes, content())
}
public func td(_ text: String, _ attributes: Attribute...) -> HTML { HTML(element: "td", attributes, HTML(text)) }
public func td(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "td", attributes, content())
}
/// What a table shows.
public func caption(_ text: String, _ attributes: Attribute...) -> HTML { HTML(element: "caption", attributes, HTML(text)) }
public func caption(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "caption", attributes, content())
}
public func label(_ text: String, _ attributes: Attribute...) -> HTML { HTML(element: "label", attributes, HTML(text)) }
public func label(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "label", attributes, content())
}
public func legend(_ text: String, _ attributes: Attribute...) -> HTML { HTML(element: "legend", attributes, HTML(text)) }
public func legend(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "legend", attributes, content())
}
/// In a form it submits, unless its type says otherwise.
public func button(_ text: String, _ attributes: Attribute...) -> HTML { HTML(element: "button", attributes, HTML(text)) }
public func button(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "button", attributes, content())
}
public func option(_ text: String, _ attributes: Attribute...) -> HTML { HTML(element: "option", attributes, HTML(text)) }
public func option(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "option", attributes, content())
}
public func summary(_ text: String, _ attributes: Attribute...) -> HTML { HTML(element: "summary", attributes, HTML(text)) }
public func summary(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "summary", attributes, content())
}
public func figcaption(_ text: String, _ attributes: Attribute...) -> HTML { HTML(element: "figcaption", attributes, HTML(text)) }
public func figcaption(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "figcaption", attributes, content())
}
/// With ``Attribute/datetime(_:)``.
public func time(_ text: String, _ attributes: Attribute...) -> HTML { HTML(element: "time", attributes, HTML(text)) }
public func time(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "time", attributes, content())
}
public func output(_ text: String, _ attributes: Attribute...) -> HTML { HTML(element: "output", attributes, HTML(text)) }
public func output(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "output", attributes, content())
}

// MARK: With a block

public func header(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "header", attributes, content())
}
public func footer(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "footer", attributes, content())
}
public func nav(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "nav", attributes, content())
}
/// One in a page.
public func main(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "main", attributes, content())
}
public func section(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "section", attributes, content())
}
public func article(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "article", attributes, content())
}
public func aside(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "aside", attributes, content())
}
public func ul(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "ul", attributes, content())
}
public func ol(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "ol", attributes, content())
}
public func dl(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "dl", attributes, content())
}
public func figure(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "figure", attributes, content())
}
public func table(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "table", attributes, content())
}
public func thead(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "thead", attributes, content())
}
public func tbody(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "tbody", attributes, content())
}
public func tfoot(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "tfoot", attributes, content())
}
public func tr(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "tr", attributes, content())
}
public func colgroup(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "colgroup", attributes, content())
}
public func form(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "form", attributes, content())
}
public func fieldset(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "fieldset", attributes, content())
}
public func select(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "select", attributes, content())
}
public func optgroup(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "optgroup", attributes, content())
}
public func datalist(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "datalist", attributes, content())
}
public func details(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "details", attributes, content())
}
public func dialog(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "dialog", attributes, content())
}
/// Markup that a script of ours clones.
public func template(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "template", attributes, content())
}
public func hgroup(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "hgroup", attributes, content())
}
/// The landmark around a search form.
public func search(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "search", attributes, content())
}
public func address(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "address", attributes, content())
}
/// What is shown where no script runs.
public func noscript(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
    HTML(element: "noscript", attributes, content())
}

// MARK: Without content

public func br(_ attributes: Attribute...) -> HTML { HTML(element: "br", attributes, nil) }
public func hr(_ attributes: Attribute...) -> HTML { HTML(element: "hr", attributes, nil) }
public func img(_ attributes: Attribute...) -> HTML { HTML(element: "img", attributes, nil) }
public func input(_ attributes: Attribute...) -> HTML { HTML(element: "input", attributes, nil) }
/// The same, with attributes in an array.
public func input(_ attributes: [Attribute]) -> HTML { HTML(element: "input", attributes, nil) }
public func col(_ attributes: Attribute...) -> HTML { HTML(element: "col", attributes, nil) }
public func wbr(_ attributes: Attribute...) -> HTML { HTML(element: "wbr", attributes, nil) }

// MARK: Of their own kind

/// The text is kept as it is: a line break at its beginning, which browsers leave out, too.
public func textarea(_ text: String, _ attributes: Attribute...) -> HTML {
    HTML(element: "textarea", attributes, HTML(markup: "\n") + HTML(text))
}
/// - Parameter value: nil: it is not known how far it is.
public func progress(_ value: Int?, of total: Int, _ attributes: Attribute..., text: String) -> HTML {
    let values: [Attribute] = [.max(String(max(1, total)))] + (value.map { [.value($0)] } ?? [])
    return HTML(element: "progress", values + attributes, HTML(text))
}
/// A hidden field of a form.
public func hidden(_ name: String, _ value: String) -> HTML { input(.type("hidden"), .name(name), .value(value)) }
