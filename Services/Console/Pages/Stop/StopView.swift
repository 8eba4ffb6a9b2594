import Contracts
import HTTP
import ReadModel
import Texts
import Threads
import Web

struct StopView {
    let frame: PageFrame
    let rows: [StopList.Row]

    var page: HTTPResponse {
        let say = frame.say
        let open = rows.filter { !$0.isSeen }
        return frame.page(say("stop.title"), screen: "stop", isLive: true) {
            p(say("stop.intro"))
            if rows.isEmpty {
                frame.empty("stop", isFiltered: false)
            } else {
                frame.tableRegion(say("stop.caption"), head: ["number", "goods", "area", "reason", "since", ""]) {
                    rows.map { row($0) }
                }
                if open.count > 1 {
                    form(.method("post"), .action(frame.link("stop"))) {
                        frame.hiddenFields
                        open.map { Web.hidden("stop", Self.value($0)) }
                        button(say("stop.seen.all", count: open.count), .class("button"))
                    }
                }
            }
        }
    }

    static func value(_ row: StopList.Row) -> String { "\(row.at) \(row.parcel.allocationId)" }

    private func row(_ row: StopList.Row) -> HTML {
        let say = frame.say
        let parcel = row.parcel
        let name = parcel.waybillNumber ?? parcel.allocationId
        return tr(.class("attention").when(!row.isSeen)) {
            td(.class("stay")) {
                frame.number(name)
                span(.class("under")) { frame.parcelLink(parcel) }
                span(parcel.shopAlias, .class("under"))
            }
            td(.class("goods")) { frame.goods(parcel) }
            td(frame.area(parcel))
            td {
                span(
                    parcel.state == .voided ? say("state.stage.\(parcel.stage?.rawValue ?? "printed")") : say("state.parcel.readdressed"),
                    .class("badge \(row.isSeen ? "quiet" : "bad")"))
            }
            td { frame.time(row.at) }
            td(.class("do")) {
                if parcel.state != .voided {
                    form(.method("post"), .action(frame.link("print")), .class("inline")) {
                        frame.hiddenFields
                        frame.parcelFields([parcel.allocationId])
                        button(
                            say("stop.reprint"), .class("button main"), .aria("label", say("action.print.named", ["name": name])))
                    }
                }
                if row.isSeen {
                    span(say("stop.seen"), .class("badge quiet"))
                } else {
                    form(.method("post"), .action(frame.link("stop")), .class("inline")) {
                        frame.hiddenFields
                        Web.hidden("stop", Self.value(row))
                        button(say("stop.seen"), .class("button"), .aria("label", say("stop.seen.named", ["name": name])))
                    }
                }
            }
        }
    }
}
