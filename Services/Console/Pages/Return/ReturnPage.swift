import Contracts
import HTTP
import ReadModel
import Texts
import Web

/// `/f/<shopId>/return`: numbers of what was sent, scanned one by one. Each scan is one request, answered by one line.
struct ReturnPage: Sendable {
    let pages: ShopPages

    func add(to group: inout ConsoleGroup) {
        group.get("/return", name: "factory-return") { (call) throws(Problem) in
            try ReturnView(frame: pages.kit.frame(call), toReturn: printed(call)).page
        }
        group.on(.post, "/return", body: .form(), name: "factory-scan") { (call) throws(Problem) in try scan(call) }
    }

    private func printed(_ call: ConsoleCall) throws(Problem) -> Int {
        try pages.read { (model) throws(ReadModelError) in try model.parcelCounts(factory: call["shop"]) }[.printed] ?? 0
    }

    private func scan(_ call: ConsoleCall) throws(Problem) -> RouteAnswer {
        let form = try PageForm(call)
        let frame = pages.kit.frame(call)
        let isFragment = call.request.header("x-fragment") == "1"
        let toReturn = try printed(call)
        let number = ScannedNumbers.all(form["number"]).first ?? ""
        guard (1...64).contains(number.utf8.count) else {
            var errors = FormErrors.none
            errors.add("number", frame.required("waybillNumber"))
            return .now(ReturnView(frame: frame, toReturn: toReturn, errors: errors).page)
        }
        let found = try pages.scanned(number, of: call["shop"])
        let later = LaterAnswer()
        let scan = ScanReturn(desk: pages.desk, frame: frame, key: form.key, isUnusual: form["unusual"] == "yes")
        scan.run(found, traceparent: call.request.traceparent) { result in
            let view = ReturnView(frame: frame, toReturn: toReturn, results: [result])
            later.send(isFragment ? .page(view.line(result), language: frame.language.tag) : view.page)
        }
        return .later(later)
    }
}
