import HTTP
import Identity
import Testing
import Texts
import Web

@testable import Console

@Suite struct PeoplePagesSuite {
    private static func path(_ link: String) -> String { "/join/" + (link.split(separator: "/").last.map(String.init) ?? "") }

    // MARK: Links

    @Test func anInvitationIsLookedAtAndUsedOnce() async throws {
        let fixture = try PeopleFixture()
        let path = Self.path(try fixture.people.invite(to: "merchant:1001", as: .clerk, now: PeopleFixture.now).link)
        let browser = TestBrowser(fixture)
        for _ in 0..<2 {
            await browser.get(path)
            #expect(browser.status == 200 && browser.page.contains("You are invited to join Merchant 1001 as Clerk."))
        }
        await browser.post(path, [("user", "bob"), ("password", "short"), ("language", "zh")], withToken: false)
        #expect(browser.status == 400 && browser.page.contains("value=\"bob\"") && !browser.hasSession)
        await browser.post(path, [("user", "bob"), ("password", PeopleFixture.password), ("language", "zh")], withToken: false)
        #expect(browser.status == 303 && browser.hasSession)
        await browser.get("/")
        #expect(browser.location == "/m/1001")
        await TestBrowser(fixture).get(path)
        let late = TestBrowser(fixture)
        await late.get(path)
        #expect(late.status == 404 && late.page.contains("The invitation is used, late or unknown"))
    }

    @Test func whoIsLoggedInJoinsWithoutAPassword() async throws {
        let fixture = try PeopleFixture()
        try fixture.user("anna", "merchant:1001")
        let path = Self.path(try fixture.people.invite(to: "factory:9", as: .owner, now: PeopleFixture.now).link)
        let browser = TestBrowser(fixture)
        await browser.signIn("anna")
        await browser.get(path)
        #expect(browser.page.contains("Join as anna"))
        await browser.post(path)
        #expect(browser.status == 303)
        await browser.get("/")
        #expect(browser.page.contains("href=\"/m/1001\"") && browser.page.contains("href=\"/f/9\""))
    }

    @Test func aResetLinkGivesANewPasswordAndEndsOtherSessions() async throws {
        let fixture = try PeopleFixture()
        try fixture.user("anna", "merchant:1001")
        let other = TestBrowser(fixture)
        await other.signIn("anna")
        let path = Self.path(try fixture.people.reset(user: "anna", now: PeopleFixture.now).link)
        let browser = TestBrowser(fixture)
        await browser.get(path)
        #expect(browser.page.contains("Set a new password") && browser.page.contains("value=\"anna\""))
        await browser.post(path, [("password", "another horse battery")], withToken: false)
        #expect(browser.status == 303 && browser.location == "/me?done=password")
        await other.get("/me")
        #expect(other.status == 303)
    }

    // MARK: One's own account

    @Test func oneChangesOnesPasswordWithTheOldOne() async throws {
        let fixture = try PeopleFixture()
        try fixture.user("anna", "merchant:1001")
        let browser = TestBrowser(fixture)
        await browser.signIn("anna")
        await browser.get("/me")
        await browser.post("/me/password", [("oldPassword", "wrong"), ("newPassword", "another horse battery")])
        #expect(browser.status == 400 && browser.page.contains("href=\"#oldPassword\"") && !browser.page.contains("another horse"))
        await browser.post("/me/password", [("oldPassword", PeopleFixture.password), ("newPassword", "short")])
        #expect(browser.status == 400 && browser.page.contains("href=\"#newPassword\""))
        await browser.post("/me/password", [("oldPassword", PeopleFixture.password), ("newPassword", "another horse battery")])
        #expect(browser.status == 303 && browser.location == "/me?done=password")
    }

    @Test func aZoneThatThereIsNotComesBackAsItWasTyped() async throws {
        let fixture = try PeopleFixture()
        try fixture.user("anna", "merchant:1001")
        let browser = TestBrowser(fixture)
        await browser.signIn("anna")
        await browser.get("/me")
        await browser.post("/me", [("language", "en"), ("zone", "Mars/Olympus")])
        #expect(browser.status == 400 && browser.page.contains("value=\"Mars/Olympus\"") && browser.page.contains("no such time zone"))
    }

    @Test func oneEndsOnesOtherSessions() async throws {
        let fixture = try PeopleFixture()
        try fixture.user("anna", "merchant:1001")
        let (browser, other) = (TestBrowser(fixture), TestBrowser(fixture))
        await browser.signIn("anna")
        await other.signIn("anna")
        await browser.get("/me")
        #expect(browser.page.contains("This device") && browser.page.contains("End this session"))
        await browser.post("/me/sessions")
        #expect(browser.status == 303)
        await browser.get("/me")
        #expect(browser.status == 200 && !browser.page.contains("End this session"))
        await other.get("/me")
        #expect(other.status == 303)
    }

    // MARK: A shop's people

    @Test func anOwnerInvitesResetsAndRemoves() async throws {
        let fixture = try PeopleFixture()
        try fixture.user("anna", "merchant:1001")
        try fixture.user("b/<i>ob", "merchant:1001", role: .clerk)
        let browser = TestBrowser(fixture)
        await browser.signIn("anna")
        await browser.get("/m/1001/people")
        #expect(browser.page.contains("b/&lt;i&gt;ob") && browser.page.contains("Clerk"))
        await browser.post("/m/1001/people", [("role", "clerk")])
        #expect(browser.status == 200 && browser.page.contains("http://127.0.0.1:8080/join/"))
        // The link is shown once.
        await browser.get("/m/1001/people")
        #expect(!browser.page.contains("/join/"))
        await browser.post("/m/1001/people/b%2F%3Ci%3Eob/reset")
        #expect(browser.status == 200 && browser.page.contains("/join/"))
        await browser.get("/m/1001/people/b%2F%3Ci%3Eob/remove")
        #expect(browser.status == 200 && browser.page.contains("Their sessions for this shop end at once."))
        await browser.post("/m/1001/people/b%2F%3Ci%3Eob/remove")
        #expect(browser.status == 303 && browser.location == "/m/1001/people")
        await browser.get("/m/1001/people")
        #expect(!browser.page.contains("b/&lt;i&gt;ob"))
        await browser.post("/m/1001/people/anna/remove")
        #expect(browser.status == 409 && browser.page.contains("This is the shop&#39;s last owner."))
    }

    @Test func aClerkSeesNoPeopleAndNobodyAnothersShop() async throws {
        let fixture = try PeopleFixture()
        try fixture.user("anna", "merchant:1001")
        try fixture.user("bob", "merchant:1001", role: .clerk)
        let browser = TestBrowser(fixture)
        await browser.signIn("bob")
        await browser.get("/m/1001/people")
        #expect(browser.status == 403 && !browser.page.contains("anna"))
        await browser.get("/m/1002/people")
        #expect(browser.status == 404)
        await browser.get("/o/users")
        #expect(browser.status == 403 && !browser.page.contains("anna"))
    }

    @Test func anOperatorSeesEverybodyAndInvitesForAnyShop() async throws {
        let fixture = try PeopleFixture()
        try fixture.user("op", "operator")
        try fixture.user("anna", "merchant:1001")
        let browser = TestBrowser(fixture)
        await browser.signIn("op")
        await browser.get("/")
        #expect(browser.location == "/o")
        await browser.get("/o/users")
        #expect(browser.page.contains("anna") && browser.page.contains("1001"))
        await browser.post("/o/users", [("kind", "merchant"), ("shopId", ""), ("role", "owner")])
        #expect(browser.status == 400 && browser.page.contains("href=\"#shopId\""))
        await browser.post("/o/users", [("kind", "factory"), ("shopId", "77"), ("role", "owner")])
        #expect(browser.status == 200 && browser.page.contains("/join/"))
    }
}
