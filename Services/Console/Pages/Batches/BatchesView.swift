import Contracts
import HTTP
import Identity
import JSON
import Texts
import Threads
import Web

/// Batches, and the page of one.
struct BatchesView {
    /// Refused items that are shown of one reason.
    private static let shown = 100

    let frame: PageFrame

    /// The page where what was refused can be chosen again, by the command; nil: it is not sent again from here.
    private func again(_ batch: Batch) -> Link? {
        let paths = ["allocate": "allocate", "deallocate": "deallocate", "ship": "ship", "approve-order": "approve"]
        return frame.isMerchant ? paths[batch.command].map { frame.link("orders", $0) } : nil
    }

    private func title(_ batch: Batch) -> String {
        frame.say.has("action.\(batch.command).many") ? frame.say("action.\(batch.command).many") : frame.named("action", batch.command)
    }

    private func state(_ batch: Batch) -> String {
        if batch.pending > 0 { return "running" }
        return batch.refused > 0 ? "partly" : "done"
    }

    func list(_ batches: [Batch], next: String?) -> HTTPResponse {
        frame.page(frame.say("batches.title"), screen: "batches", actions: frame.export("batches")) {
            if batches.isEmpty {
                frame.empty("batches", isFiltered: false)
            } else {
                frame.tableRegion(frame.say("batches.caption"), head: ["command", "when", "total", "accepted", "refused", "state"]) {
                    batches.map { batch in
                        tr {
                            th(.scope("row"), .class("stay")) {
                                a(title(batch), .href(frame.link("batches", batch.batchId)))
                                span(.class("under")) { frame.number(batch.batchId) }
                            }
                            td { frame.time(batch.at) }
                            td(frame.language.grouped(batch.total), .class("figure"))
                            td(frame.language.grouped(batch.accepted), .class("figure"))
                            td(frame.language.grouped(batch.refused), .class("figure"))
                            td { frame.badge("batch", state(batch)) }
                        }
                    }
                }
            }
            frame.pager(next: next)
        }
    }

    func page(_ batch: Batch, _ refused: [BatchItem], _ errors: FormErrors = .none, status: Int = 200) -> HTTPResponse {
        let done = batch.total - batch.pending
        return frame.page(
            title(batch), screen: "batches", status: status, modules: batch.pending > 0 ? ["again.js"] : [], errors: errors
        ) {
            nav(.class("crumbs"), .aria("label", frame.say("nav.breadcrumb"))) {
                a(frame.say("nav.batches"), .href(frame.link("batches")))
            }
            p(.class("small")) {
                frame.say("batch.title", ["batch": batch.batchId])
                " "
                frame.time(batch.at)
            }
            if let before = batch.retryOf {
                p { a(frame.say("batch.retryOf", ["batch": before]), .href(frame.link("batches", before))) }
            }
            progress(done, of: batch.total, text: frame.say("batch.progress", count: batch.total, ["done": frame.language.grouped(done)]))
            p(frame.say("batch.progress", count: batch.total, ["done": frame.language.grouped(done)]), .role("status"))
            if batch.pending > 0 {
                p(frame.say("batch.pending", count: batch.pending))
                p(frame.say("batch.leave"), .class("small"), .data("again", ""))
                p { a(frame.say("table.refresh"), .href(frame.here), .class("button")) }
            } else {
                result(batch)
            }
            if !refused.isEmpty { refusals(batch, refused) }
        }
    }

    /// Half a success is none: it says what was not done.
    private func result(_ batch: Batch) -> HTML {
        let (style, text): (String, String)
        if batch.refused == 0 {
            (style, text) = ("good", frame.say("batch.result.all", count: batch.total))
        } else if batch.accepted == 0 {
            (style, text) = ("bad", frame.say("batch.result.none", count: batch.total))
        } else {
            let key = ["ship": "batch.shipped.part", "allocate": "batch.allocated.part"][batch.command] ?? "batch.result.part"
            let values = ["accepted": frame.language.grouped(batch.accepted), "refused": frame.language.grouped(batch.refused)]
            (style, text) = ("warn", frame.say(key, values))
        }
        return div(.class("message \(style)")) { p(text) }
    }

    private func refusals(_ batch: Batch, _ refused: [BatchItem]) -> HTML {
        var groups: [(code: String, items: [BatchItem])] = []
        for item in refused {
            let code = item.code ?? "other"
            if let index = groups.firstIndex(where: { $0.code == code }) {
                groups[index].items.append(item)
            } else {
                groups.append((code, [item]))
            }
        }
        groups.sort { $0.items.count > $1.items.count }
        return section(.class("card")) {
            h2(frame.say("batch.refused.title"))
            groups.map { group in
                HTML {
                    h3("\(Refusals.happened(group.code, frame.say)) (\(frame.language.grouped(group.items.count)))")
                    p(Refusals.advice(group.code, frame.say))
                    ul {
                        group.items.prefix(Self.shown).map { item in
                            li { subject(item) }
                        }
                    }
                    if group.items.count > Self.shown { p("…", .class("small")) }
                }
            }
            if let link = again(batch), batch.pending == 0 {
                form(.method("post"), .action(link)) {
                    frame.hiddenFields
                    Web.hidden("retryOf", batch.batchId)
                    orders(refused).map { Web.hidden("order", $0) }
                    button(frame.say("batch.again", count: min(refused.count, ShopPages.mostChosen)), .class("button"))
                }
            }
        }
    }

    /// Each once, as many as can be chosen.
    private func orders(_ items: [BatchItem]) -> [String] {
        var seen: Set<String> = []
        return Array(items.compactMap(\.orderId).filter { seen.insert($0).inserted }.prefix(ShopPages.mostChosen))
    }

    private func subject(_ item: BatchItem) -> HTML {
        if frame.isMerchant, let order = item.orderId { return a(.href(frame.link("orders", order))) { frame.number(order) } }
        if frame.isFactory, let parcel = item.allocationId { return a(.href(frame.link("parcels", parcel))) { frame.number(parcel) } }
        return frame.number(item.allocationId ?? item.orderId ?? "\(item.index + 1)")
    }
}

/// A refusal's code in words.
enum Refusals {
    static func happened(_ code: String, _ say: Wording) -> String { text(code, "happened", say) }
    static func advice(_ code: String, _ say: Wording) -> String { text(code, "advice", say) }

    private static func text(_ code: String, _ part: String, _ say: Wording) -> String {
        say.has("refusal.\(code).\(part)") ? say("refusal.\(code).\(part)") : say("refusal.other.\(part)", ["code": code])
    }
}
