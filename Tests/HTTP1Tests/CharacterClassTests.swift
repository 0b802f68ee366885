import Testing

@testable import HTTP1

@Suite struct CharacterClassTests {
    private static let alphanumeric = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

    private func members(_ belongs: (UInt8) -> Bool) -> Set<UInt8> {
        Set((0...255).map { UInt8($0) }.filter(belongs))
    }

    @Test func token_hasTheCharactersOfRFC9110() {
        #expect(members(ASCII.isToken) == Set("!#$%&'*+-.^_`|~\(Self.alphanumeric)".utf8))
    }

    @Test func hostName_hasTheCharactersOfRFC3986_exceptTheComma() {
        #expect(members(ASCII.isHostName) == Set("-._~!$&'()*+;=%\(Self.alphanumeric)".utf8))
    }
}
