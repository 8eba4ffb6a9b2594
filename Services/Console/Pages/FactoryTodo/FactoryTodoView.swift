import HTTP
import Texts
import Web

struct FactoryTodoView {
    let frame: PageFrame
    let isRegistered: Bool
    let applications: Int
    let merchants: Int
    let toObtain: Int
    let toPrint: Int
    let toReturn: Int
    let toStop: Int

    private struct Work {
        var key: String
        var count: Int
        var link: Link
        var style = ""
    }

    private var works: [Work] {
        [
            Work(key: "todo.stop", count: toStop, link: frame.link("stop"), style: "bad"),
            Work(key: "todo.applications", count: applications, link: frame.link("merchants"), style: "warn"),
            Work(key: "todo.obtain", count: toObtain, link: frame.link("parcels", query: [("state", "open")])),
            Work(key: "todo.print", count: toPrint, link: frame.link("print")),
            Work(key: "todo.return", count: toReturn, link: frame.link("return")),
        ].filter { $0.count > 0 }
    }

    var page: HTTPResponse {
        let say = frame.say
        let steps = [
            ("todo.factory.1", isRegistered, frame.link("setup")),
            ("todo.factory.2", merchants > 0 || applications > 0, frame.link("setup")),
            ("todo.factory.3", merchants > 0, frame.link("merchants")),
        ]
        let isNew = steps.contains { !$0.1 }
        return frame.page(say("todo.title"), screen: "todo", isLive: true) {
            if isNew {
                section(.class("card")) {
                    h2(say("todo.factory.title"))
                    ol(.class("steps")) {
                        steps.enumerated().map { index, step in
                            let isNext = steps.prefix(index).allSatisfy { $0.1 } && !step.1
                            return li(step.1 ? .class("done") : .none, Attribute.aria("current", "step").when(isNext)) {
                                a(say(step.0), .href(step.2))
                                if step.1 { span(say("todo.first.done"), .class("hidden")) }
                            }
                        }
                    }
                }
            }
            if works.isEmpty {
                if !isNew { p(say("todo.nothing"), .class("message good")) }
            } else {
                ul(.class("todo")) {
                    works.map { work in li { a(say(work.key, count: work.count), .class(work.style), .href(work.link)) } }
                }
            }
            frame.help("Z1", "Z10", "Z11", "Z12", "Z13")
        }
    }
}
