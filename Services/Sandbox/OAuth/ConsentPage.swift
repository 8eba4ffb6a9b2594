import HTTP
import Stores

/// The partners' login pages: a form, without scripts. The browser sends the form back to the same address.
enum ConsentPage {
    static func answer(_ request: HTTPRequest, _ world: World) throws -> HTTPResponse {
        let consent: ConsentRequest
        do { consent = try ConsentRequest(path: request.path, query: request.query, world) } catch let refusal as Refusal {
            return page("参数错误", "<p class=error>\(FormText.html(refusal.message))</p>", status: 400)
        }
        guard request.method == "POST" else { return form(consent, request, error: nil) }
        let form = FormText.fields(String(decoding: request.body, as: UTF8.self)).map { (name: $0.name, value: $0.value) }
        if form["decision"] == "deny" {
            return redirect(try world.consent(consent, approve: false, subscribe: false, account: nil))
        }
        guard let account = form["account"], let password = form["password"], try world.isLogin(account, password, consent.audience) else {
            return self.form(consent, request, error: "账号或密码错误")
        }
        return redirect(try world.consent(consent, approve: true, subscribe: form["subscribe"] != nil, account: account))
    }

    private static func redirect(_ url: String) -> HTTPResponse { HTTPResponse(status: 302, headers: [("Location", url)]) }

    private static func form(_ consent: ConsentRequest, _ request: HTTPRequest, error: String?) -> HTTPResponse {
        let query = request.query.map { "\(FormText.encode($0.name))=\(FormText.encode($0.value))" }.joined(separator: "&")
        let (title, account) =
            switch consent.audience {
            case .jos: ("京东 · 授权登录", "京东账号 PIN")
            case .isc: ("京东物流 · 授权登录", "京东账号 PIN")
            case .pinduoduo: ("拼多多 · 服务市场授权", "店铺 ID")
            }
        let subscription = """
            <p><label><input type="checkbox" id="subscribe" name="subscribe" value="1"> 订阅消息（message subscription）</label></p>
            """
        return page(
            title,
            """
            \(error.map { "<p class=error role=alert>\($0)</p>" } ?? "")
            <p>应用 <b>\(FormText.html(consent.appKey))</b> 请求访问您的账号。</p>
            <form method="post" action="\(FormText.html("\(request.path)?\(query)"))">
            <p><label>\(account)<br><input id="account" name="account" autocomplete="off"></label></p>
            <p><label>密码<br><input id="password" name="password" type="password" autocomplete="off"></label></p>
            \(consent.audience == .pinduoduo ? "" : subscription)
            <p><button id="approve" name="decision" value="approve">同意授权</button>
            <button id="deny" name="decision" value="deny">拒绝</button></p>
            </form>
            """, status: error == nil ? 200 : 403)
    }

    private static func page(_ title: String, _ body: String, status: Int) -> HTTPResponse {
        .text(
            """
            <!DOCTYPE html><html lang="zh"><head><meta charset="utf-8"><title>\(title)</title>
            <style>body{font-family:sans-serif;max-width:26em;margin:3em auto}input:not([type=checkbox]){width:100%;padding:.4em}.error{color:#b00}</style>
            </head><body><h1>\(title)</h1>\(body)<p><small>Daifa 的本地沙箱：不是真正的登录页。</small></p></body></html>

            """, status: status, type: "text/html; charset=utf-8")
    }
}
