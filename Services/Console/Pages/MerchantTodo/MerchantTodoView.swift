import HTTP
import ReadModel
import Texts
import Threads
import Web

/// The merchant's first page.
struct MerchantTodoView {
    private static let mostUploads = 20

    let frame: PageFrame
    let model: MerchantTodo

    var page: HTTPResponse {
        frame.page(frame.say("todo.title"), screen: "todo") {
            if !model.hasShipped { first }
            work
            uploads
            frame.help("Z1")
        }
    }

    // MARK: The first parcel

    private var steps: [(isDone: Bool, link: Link)] {
        [
            (model.isRegistered, frame.link("setup")), (model.hasFactory, frame.link("factories")),
            (model.orders > 0, frame.link("imports")),
            (model.count(.partly, .allocated, .ready, .shipped) > 0, frame.link("orders", query: [("state", "open")])),
            (model.hasShipped, frame.link("orders", query: [("state", "ready")])),
        ]
    }

    private var first: HTML {
        let next = steps.firstIndex { !$0.isDone }
        return section(.class("card")) {
            h2(frame.say("todo.first.title"))
            ol(.class("steps")) {
                steps.enumerated().map { index, step in
                    li(.class("done").when(step.isDone), Attribute.aria("current", "step").when(index == next)) {
                        if step.isDone {
                            span(.class("text")) {
                                frame.say("todo.first.\(index + 1)")
                                span(" \(frame.say("todo.first.done"))", .class("badge good"))
                            }
                        } else {
                            a(frame.say("todo.first.\(index + 1)"), .href(step.link))
                        }
                    }
                }
            }
        }
    }

    // MARK: What is to be done

    private var items: [(key: String, count: Int, style: String, link: Link)] {
        [
            ("unallocated", model.count(.open, .partly), "", orders(("state", "open"), ("state", "partly"))),
            ("dueToday", model.dueToday, "warn", due),
            ("ready", model.count(.ready), "", orders(("state", "ready"))), ("held", model.count(.held), "bad", orders(("state", "held"))),
            ("expiring", model.expiring, "warn", frame.link("authorizations")),
        ]
    }

    private func orders(_ query: (name: String, value: String)...) -> Link {
        frame.link("orders", query: query.map { ($0.name, Optional($0.value)) })
    }

    private var due: Link {
        let open = ["held", "open", "partly", "allocated", "ready"].map { (name: "state", value: Optional($0)) }
        return frame.link("orders", query: open + [("shipBefore", model.dueBefore), ("order", "shipBy")])
    }

    private var work: HTML {
        let open = items.filter { $0.count > 0 }
        return HTML {
            if open.isEmpty, model.failedUploads.isEmpty {
                if model.hasShipped { div(.class("empty")) { p(frame.say("todo.nothing")) } }
            } else {
                ul(.class("todo")) {
                    open.map { item in
                        li {
                            a(
                                frame.say("todo.\(item.key)", count: item.count), .href(item.link),
                                .class(item.style).when(!item.style.isEmpty))
                        }
                    }
                }
            }
        }
    }

    private var uploads: HTML {
        guard !model.failedUploads.isEmpty else { return .empty }
        return section(.class("card")) {
            h2(frame.say("todo.uploads", count: model.failedUploads.count))
            ul {
                model.failedUploads.prefix(Self.mostUploads).map { order in
                    li { a(.href(frame.link("orders", order))) { frame.number(order) } }
                }
            }
        }
    }
}
