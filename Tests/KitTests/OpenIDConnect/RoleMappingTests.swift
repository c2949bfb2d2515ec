import OpenIDConnect
import Testing

@Suite("Roles of providers")
struct RoleMappingTests {
    @Test("Groups give the roles that they are mapped to, and nothing else")
    func roles() throws {
        let mapping = try #require(RoleMapping("popug-admins=admin, staff = employee,staff=manager"))
        #expect(mapping.roles == ["admin", "employee", "manager"])
        #expect(mapping.roles(of: []) == [])
        #expect(mapping.roles(of: ["popug-admins"]) == ["admin"])
        #expect(mapping.roles(of: ["staff", "staff", "others"]) == ["employee", "manager"])
        #expect(mapping.roles(of: ["Staff", "staff ", "admin", "employee", ""]) == [])
    }

    @Test("A group may have commas and such, and is compared byte by byte")
    func escapes() throws {
        let mapping = try #require(
            RoleMapping("cn%3Dstaff%2Cdc%3Dexample=employee,100%25=boss,\u{E9}quipe=manager,a+b=a"))
        #expect(mapping.roles(of: ["cn=staff,dc=example"]) == ["employee"])
        #expect(mapping.roles(of: ["100%"]) == ["boss"])
        #expect(mapping.roles(of: ["\u{E9}quipe"]) == ["manager"])
        #expect(mapping.roles(of: ["e\u{301}quipe"]) == [])
        #expect(mapping.roles(of: ["a+b"]) == ["a"])
    }

    @Test("No text maps nothing")
    func empty() throws {
        for text in ["", "  "] { #expect(try #require(RoleMapping(text)).roles == []) }
    }

    @Test(
        "What is no mapping is refused",
        arguments: [
            ",", "a", "a=", "=a", "a=b,", ",a=b", "a=b,,c=d", "a=b=c", "a=B", "a=1", "a=b c", "a=-b", "%=b", "%ff=b",
            "a=b;c=d", "a=\u{E9}", "a=b\u{301}", "a=b,\u{301}c=d e",
        ])
    func refused(text: String) {
        #expect(RoleMapping(text) == nil)
    }

    @Test("A role is as long as a role may be")
    func lengths() {
        #expect(RoleMapping("a=" + String(repeating: "b", count: 31)) != nil)
        #expect(RoleMapping("a=" + String(repeating: "b", count: 32)) == nil)
    }
}
