//! The classes that scripts can use, and their methods.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests, with their helper functions")]

mod table;

use table::{check, run};

#[test]
fn texts_are_taken_apart() {
    check(&[
        (
            "def t = new StringTokenizer('::a:b;c', ':'); ctx.n = t.countTokens(); ctx.z = []; \
             while (t.hasMoreTokens()) { ctx.z.add(t.nextToken()) }",
            "{}",
            Ok(r#"{"n":2,"z":["a","b;c"]}"#),
        ),
        (
            "StringTokenizer t = new StringTokenizer(' a\tb '); ctx.z = t.nextToken() + t.nextElement(); ctx.y = t.hasMoreElements()",
            "{}",
            Ok(r#"{"z":"ab","y":false}"#),
        ),
        (
            "def t = new StringTokenizer('a=b', '=', true); ctx.n = t.countTokens(); ctx.z = t.nextToken() + t.nextToken() + t.nextToken()",
            "{}",
            Ok(r#"{"n":3,"z":"a=b"}"#),
        ),
        (
            "def t = new StringTokenizer('a=b;c', '='); ctx.z = [t.nextToken(), t.nextToken(';'), t.nextToken()]",
            "{}",
            Ok(r#"{"z":["a","=b","c"]}"#),
        ),
        (
            "new StringTokenizer('').nextToken()",
            "{}",
            Err("no_such_element_exception: no_such_element_exception"),
        ),
        ("new StringTokenizer(ctx.a)", "{}", Err("null_pointer_exception: null_pointer_exception")),
        (
            "ctx.z = [Character.digit('f'.charAt(0), 16), Character.digit((char)'8', 8), Character.getNumericValue((char)'z')]",
            "{}",
            Ok(r#"{"z":[15,-1,35]}"#),
        ),
        (
            "ctx.z = '' + Character.toUpperCase('a'.charAt(0)) + Character.toLowerCase(65) + Character.isAlphabetic(65)",
            "{}",
            Ok(r#"{"z":"Aatrue"}"#),
        ),
    ]);
}

#[test]
fn streams() {
    check(&[
        (
            "ctx.z = ctx.l.stream().map(x -> x + 1).filter(x -> x > 2).collect(Collectors.toList())",
            r#"{"l":[1,2,3]}"#,
            Ok(r#"{"l":[1,2,3],"z":[3,4]}"#),
        ),
        (
            "ctx.z = ctx.l.stream().distinct().sorted().collect(Collectors.toList())",
            r#"{"l":["b","a","b"]}"#,
            Ok(r#"{"l":["b","a","b"],"z":["a","b"]}"#),
        ),
        (
            "ctx.z = ctx.l.stream().sorted((a, b) -> b - a).limit(2).collect(Collectors.toList()); ctx.y = ctx.l.stream().skip(2L).count()",
            r#"{"l":[1,3,2]}"#,
            Ok(r#"{"l":[1,3,2],"z":[3,2],"y":1}"#),
        ),
        (
            "ctx.z = ctx.l.stream().map(String::toUpperCase).collect(Collectors.joining(', ')); ctx.y = ctx.l.stream().collect(Collectors.joining(',', '[', ']'))",
            r#"{"l":["a","b"]}"#,
            Ok(r#"{"l":["a","b"],"z":"A, B","y":"[a,b]"}"#),
        ),
        (
            "ctx.z = ctx.m.entrySet().stream().filter(e -> e.getValue() > 1).map(e -> e.getKey()).collect(Collectors.joining())",
            r#"{"m":{"a":1,"b":2,"c":3}}"#,
            Ok(r#"{"m":{"a":1,"b":2,"c":3},"z":"bc"}"#),
        ),
        (
            "ctx.z = ctx.m.values().stream().mapToInt(x -> x).sum(); ctx.y = ctx.m.keySet().stream().anyMatch(k -> k == 'b'); ctx.x = ctx.m.values().stream().noneMatch(v -> v > 3); ctx.w = ctx.m.values().stream().allMatch(v -> v > 1)",
            r#"{"m":{"a":1,"b":2}}"#,
            Ok(r#"{"m":{"a":1,"b":2},"z":3,"y":true,"x":true,"w":false}"#),
        ),
        (
            "ctx.z = ctx.l.stream().filter(x -> x > 1).findFirst().get(); ctx.y = ctx.l.stream().filter(x -> x > 9).findFirst().orElse(-1); ctx.x = ctx.l.stream().findAny().isPresent()",
            r#"{"l":[1,2]}"#,
            Ok(r#"{"l":[1,2],"z":2,"y":-1,"x":true}"#),
        ),
        (
            "ctx.l.stream().filter(x -> x > 9).findFirst().get()",
            r#"{"l":[1]}"#,
            Err("no_such_element_exception: No value present"),
        ),
        (
            "ctx.z = ctx.l.stream().max((a, b) -> a - b).get(); ctx.y = ctx.l.stream().mapToInt(x -> x).min().getAsInt(); ctx.x = ctx.l.stream().reduce(0, (a, b) -> a + b); ctx.w = ctx.l.stream().reduce((a, b) -> a * b).get()",
            r#"{"l":[2,4,3]}"#,
            Ok(r#"{"l":[2,4,3],"z":4,"y":2,"x":9,"w":24}"#),
        ),
        (
            "ctx.z = ctx.l.stream().collect(Collectors.toMap(x -> x, x -> x.length()))",
            r#"{"l":["a","bc"]}"#,
            Ok(r#"{"l":["a","bc"],"z":{"a":1,"bc":2}}"#),
        ),
        (
            "ctx.z = ctx.l.stream().collect(Collectors.toMap(x -> x, x -> 1, (a, b) -> a + b))",
            r#"{"l":["a","b","a"]}"#,
            Ok(r#"{"l":["a","b","a"],"z":{"a":2,"b":1}}"#),
        ),
        (
            "ctx.z = ctx.l.stream().collect(Collectors.toMap(x -> x, x -> 1))",
            r#"{"l":["a","a"]}"#,
            Err("illegal_state_exception: Duplicate key a (attempted merging values 1 and 1)"),
        ),
        (
            "ctx.z = ctx.l.stream().collect(Collectors.groupingBy(x -> x.substring(0, 1))); ctx.y = ctx.l.stream().collect(Collectors.groupingBy(x -> x.substring(0, 1), Collectors.counting()))",
            r#"{"l":["a","b","ad"]}"#,
            Ok(r#"{"l":["a","b","ad"],"z":{"a":["a","ad"],"b":["b"]},"y":{"a":2,"b":1}}"#),
        ),
        (
            "ctx.z = ctx.l.stream().collect(Collectors.groupingBy(x -> x.a, Collectors.mapping(x -> x.b, Collectors.toList())))",
            r#"{"l":[{"a":"x","b":1},{"a":"x","b":2}]}"#,
            Ok(r#"{"l":[{"a":"x","b":1},{"a":"x","b":2}],"z":{"x":[1,2]}}"#),
        ),
        (
            "ctx.z = ctx.l.stream().flatMap(x -> x.stream()).collect(Collectors.toSet()).size(); ctx.y = ctx.l.stream().map(x -> x.size()).collect(Collectors.toList())",
            r#"{"l":[[1,2],[2]]}"#,
            Ok(r#"{"l":[[1,2],[2]],"z":2,"y":[2,1]}"#),
        ),
        (
            "ctx.z = IntStream.range(0, 3).mapToObj(i -> 'n' + i).collect(Collectors.toList()); ctx.y = IntStream.rangeClosed(1, 3).sum(); ctx.x = IntStream.range(3, 0).count()",
            "{}",
            Ok(r#"{"z":["n0","n1","n2"],"y":6,"x":0}"#),
        ),
        (
            "ctx.z = 0; ctx.l.stream().forEach(x -> { ctx.z += x }); ctx.y = ctx.l.stream().toArray().length",
            r#"{"l":[1,2]}"#,
            Ok(r#"{"l":[1,2],"z":3,"y":2}"#),
        ),
        (
            "ctx.z = Optional.ofNullable(ctx.a).map(x -> x.b).orElse('none'); ctx.y = Optional.ofNullable(ctx.n).map(x -> x.b).orElseGet(() -> 'none'); ctx.x = Optional.of(1).filter(x -> x > 1).isPresent()",
            r#"{"a":{"b":1}}"#,
            Ok(r#"{"a":{"b":1},"z":1,"y":"none","x":false}"#),
        ),
        ("Optional.of(null)", "{}", Err("null_pointer_exception: null_pointer_exception")),
        (
            "ctx.z = ctx.l.stream().mapToDouble(x -> x).sum(); ctx.y = ctx.l.stream().mapToLong(x -> x).max().getAsLong()",
            r#"{"l":[1,2]}"#,
            Ok(r#"{"l":[1,2],"z":3.0,"y":2}"#),
        ),
        (
            "ctx.l.stream().map(x -> x.foo).findFirst()",
            r#"{"l":[{"foo":null}]}"#,
            Err("null_pointer_exception: null_pointer_exception"),
        ),
        ("ctx.z = ctx.l.stream().limit(-1)", r#"{"l":[]}"#, Err("illegal_argument_exception: -1")),
    ]);
    // A collector can stand in itself, so far that no call may follow.
    let deep = "def c = Collectors.toList(); for (int i = 0; i < 99; i++) { c = Collectors.mapping(x -> x, c) } [1].stream().collect(c)";
    assert_eq!(run(deep, "{}"), Err("stack_overflow_error: stack_overflow_error".to_owned()));
}

#[test]
fn functions_of_maps_numbers_and_builders() {
    check(&[
        (
            "ctx.y = ctx.m.every((k, v) -> v == 1); ctx.x = ctx.m.count((k, v) -> v > 0)",
            r#"{"m":{"a":1,"b":2}}"#,
            Ok(r#"{"m":{"a":1,"b":2},"y":false,"x":2}"#),
        ),
        (
            "ctx.z = ctx.m.findAll((k, v) -> v > 1); ctx.y = ctx.m.collect((k, v) -> k + v); ctx.x = ctx.m.find((k, v) -> v == 2).getKey(); ctx.w = ctx.m.find((k, v) -> v == 3)",
            r#"{"m":{"a":1,"b":2}}"#,
            Ok(r#"{"m":{"a":1,"b":2},"z":{"b":2},"y":["a1","b2"],"x":"b","w":null}"#),
        ),
        (
            "ctx.m.each((k, v) -> ctx.l.add(k)); ctx.m.replaceAll((k, v) -> v + 1)",
            r#"{"l":[],"m":{"a":1,"b":2}}"#,
            Ok(r#"{"l":["a","b"],"m":{"a":2,"b":3}}"#),
        ),
        (
            "ctx.m.compute('a', (k, v) -> v + 5); ctx.m.compute('n', (k, v) -> v == null ? k : 0); ctx.m.compute('b', (k, v) -> null)",
            r#"{"m":{"a":1,"b":2}}"#,
            Ok(r#"{"m":{"a":6,"n":"n"}}"#),
        ),
        (
            "ctx.z = ctx.m.computeIfPresent('a', (k, v) -> v + 5); ctx.y = ctx.m.computeIfPresent('n', (k, v) -> 1)",
            r#"{"m":{"a":1}}"#,
            Ok(r#"{"m":{"a":6},"z":6,"y":null}"#),
        ),
        (
            "ctx.m.merge('a', 2, (a, b) -> a + b); ctx.m.merge('n', 7, (a, b) -> a + b)",
            r#"{"m":{"a":1}}"#,
            Ok(r#"{"m":{"a":3,"n":7}}"#),
        ),
        (
            "ctx.z = ctx.m.remove('a', 1); ctx.y = ctx.m.remove('b', 1)",
            r#"{"m":{"a":1,"b":2}}"#,
            Ok(r#"{"m":{"b":2},"z":true,"y":false}"#),
        ),
        (
            "ctx.z = Integer.toString(255, 16) + Integer.toBinaryString(5) + Integer.toOctalString(8) + Integer.toString(-7, 2) + Long.toString(255L, 16) + Long.toHexString(-1L)",
            "{}",
            Ok(r#"{"z":"ff10110-111ffffffffffffffffff"}"#),
        ),
        (
            "ctx.z = [Integer.max(1, 2), Integer.min(1, 2), Integer.valueOf('ff', 16), Long.max(1L, 2L)]; ctx.y = Double.isNaN(ctx.d) || Double.isInfinite(1.0); ctx.x = Boolean.toString(true) + Objects.toString(null, '-')",
            r#"{"d":1.5}"#,
            Ok(r#"{"d":1.5,"z":[2,1,255,2],"y":false,"x":"true-"}"#),
        ),
        (
            "def b = new StringBuilder('abc'); b.insert(0, 'x').deleteCharAt(1).delete(1, 2); ctx.z = b.toString(); ctx.y = b.charAt(1) == (char)'c'; b.delete(0, 99); ctx.n = b.length()",
            "{}",
            Ok(r#"{"z":"xc","y":true,"n":0}"#),
        ),
        (
            "new StringBuilder('abc').deleteCharAt(3)",
            "{}",
            Err("string_index_out_of_bounds_exception: Index 3 out of bounds for length 3"),
        ),
        (
            "new StringBuilder('abc').charAt(3)",
            "{}",
            Err("string_index_out_of_bounds_exception: Index 3 out of bounds for length 3"),
        ),
        (
            "new StringBuilder('abc').insert(4, 'x')",
            "{}",
            Err("string_index_out_of_bounds_exception: Range [4, 3) out of bounds for length 3"),
        ),
        (
            "ctx.z = 'abc'.startsWith('b', 1); ctx.y = 'abc'.startsWith('b', 9);",
            "{}",
            Ok(r#"{"z":true,"y":false}"#),
        ),
        (
            "new StringBuilder('abc').delete(2, 1)",
            "{}",
            Err("string_index_out_of_bounds_exception: Range [2, 1) out of bounds for length 3"),
        ),
    ]);
}

#[test]
fn times() {
    check(&[
        (
            "try { ZonedDateTime.parse(ctx.a) } catch (DateTimeParseException e) { ctx.z = 1 }",
            r#"{"a":"2021-02-30T00:00:00Z"}"#,
            Ok(r#"{"a":"2021-02-30T00:00:00Z","z":1}"#),
        ),
        (
            "Instant.ofEpochMilli(Long.MAX_VALUE)",
            "{}",
            Err("date_time_exception: an instant is out of the years -9999 to 9999"),
        ),
        ("Duration.ofDays(Long.MAX_VALUE).toNanos()", "{}", Err("arithmetic_exception: long overflow")),
        (
            "ctx.z = ChronoUnit.NANOS.between(ZonedDateTime.parse(ctx.a), ZonedDateTime.parse(ctx.b)); ctx.y = ChronoUnit.MINUTES.between(ZonedDateTime.parse(ctx.a), ZonedDateTime.parse(ctx.b))",
            r#"{"a":"2021-01-01T00:00:00Z","b":"2021-01-01T01:01:30.5+00:00"}"#,
            Ok(r#"{"a":"2021-01-01T00:00:00Z","b":"2021-01-01T01:01:30.5+00:00","z":3690500000000,"y":61}"#),
        ),
        (
            "ctx.z = ZonedDateTime.parse(ctx.a).toInstant().toEpochMilli(); ctx.y = ZonedDateTime.parse(ctx.a).toEpochSecond(); ctx.x = ZonedDateTime.parse(ctx.a).toString()",
            r#"{"a":"2021-01-01T00:00:00.123+02:00"}"#,
            Ok(
                r#"{"a":"2021-01-01T00:00:00.123+02:00","z":1609452000123,"y":1609452000,"x":"2021-01-01T00:00:00.123+02:00"}"#,
            ),
        ),
        (
            "ctx.z = Instant.ofEpochMilli(1609459200123L).toString(); ctx.y = Instant.ofEpochSecond(1609459200L).toString(); ctx.x = Instant.parse('2021-01-01T00:00:00.5Z').toEpochMilli()",
            "{}",
            Ok(r#"{"z":"2021-01-01T00:00:00.123Z","y":"2021-01-01T00:00:00Z","x":1609459200500}"#),
        ),
        (
            "def d = ZonedDateTime.parse(ctx.a); ctx.z = d.plusDays(1).minusHours(1).plusMinutes(5).plusSeconds(3).toString(); ctx.y = d.isBefore(ZonedDateTime.parse('2021-01-01T00:00:01Z')); ctx.x = d.isAfter(d)",
            r#"{"a":"2021-01-01T00:00:00Z"}"#,
            Ok(r#"{"a":"2021-01-01T00:00:00Z","z":"2021-01-01T23:05:03Z","y":true,"x":false}"#),
        ),
        (
            "ZonedDateTime.parse(ctx.a)",
            r#"{"a":"x"}"#,
            Err("date_time_parse_exception: Text 'x' could not be parsed at index 0"),
        ),
        (
            "ZonedDateTime.parse(ctx.a)",
            r#"{"a":"2021-01-01"}"#,
            Err("date_time_parse_exception: Text '2021-01-01' could not be parsed at index 10"),
        ),
        (
            "ctx.z = Instant.ofEpochMilli(5L).plusMillis(5L).minusSeconds(1L).getEpochSecond(); ctx.y = Instant.ofEpochMilli(5L).equals(Instant.ofEpochMilli(5L)); ctx.x = Instant.ofEpochMilli(5L) == Instant.ofEpochMilli(5L)",
            "{}",
            Ok(r#"{"z":-1,"y":true,"x":true}"#),
        ),
        (
            "def d = ZonedDateTime.parse(ctx.a); ctx.z = [d.getYear(), d.getMonthValue(), d.getDayOfMonth(), d.getHour(), d.getMinute(), d.getSecond(), d.getNano(), d.getDayOfYear()]",
            r#"{"a":"2021-03-04T05:06:07.000000008Z"}"#,
            Ok(r#"{"a":"2021-03-04T05:06:07.000000008Z","z":[2021,3,4,5,6,7,8,63]}"#),
        ),
        (
            "ctx.z = Duration.between(Instant.ofEpochMilli(0L), Instant.ofEpochMilli(1500L)).toMillis(); ctx.y = Duration.ofSeconds(90L).toMinutes(); ctx.x = Duration.ofMillis(-1500L).getSeconds() + Duration.ofMillis(-1L).toMinutes() + Duration.ofSeconds(-61L).toMinutes()",
            "{}",
            Ok(r#"{"z":1500,"y":1,"x":-3}"#),
        ),
        (
            "ctx.z = '' + Duration.ofSeconds(3723L) + Duration.ofMillis(-500L) + Duration.ofMillis(-61500L) + Duration.ofDays(2L) + Duration.ofSeconds(0L) + Duration.ofHours(1L) + Duration.ofMinutes(5L)",
            "{}",
            Ok(r#"{"z":"PT1H2M3SPT-0.5SPT-1M-1.5SPT48HPT0SPT1HPT5M"}"#),
        ),
        (
            "try { ZonedDateTime.parse('x') } catch (DateTimeParseException e) { ctx.z = e.getMessage() }",
            "{}",
            Ok(r#"{"z":"Text 'x' could not be parsed at index 0"}"#),
        ),
        (
            "try { ZonedDateTime.parse('x') } catch (DateTimeException e) { ctx.z = 1 }",
            "{}",
            Ok(r#"{"z":1}"#),
        ),
        (
            "ZonedDateTime.parse(ctx.a)",
            r#"{"a":"2021-01-01T00:00:00"}"#,
            Err("date_time_parse_exception: Text '2021-01-01T00:00:00' could not be parsed at index 19"),
        ),
        (
            "ZonedDateTime.parse(ctx.a)",
            r#"{"a":"2021-01-01 00:00:00Z"}"#,
            Err("date_time_parse_exception: Text '2021-01-01 00:00:00Z' could not be parsed at index 10"),
        ),
        (
            "ZonedDateTime.parse(ctx.a)",
            r#"{"a":"2021-01-01T00:00:00ZX"}"#,
            Err(
                "date_time_parse_exception: Text '2021-01-01T00:00:00ZX' could not be parsed, unparsed text found at index 20",
            ),
        ),
        (
            "ctx.z = ZonedDateTime.parse(ctx.a).toString()",
            r#"{"a":"2021-01-01T00:00z"}"#,
            Ok(r#"{"a":"2021-01-01T00:00z","z":"2021-01-01T00:00Z"}"#),
        ),
        (
            "ctx.z = ZonedDateTime.parse(ctx.a).toString()",
            r#"{"a":"2021-01-01T00:00:01.10+02"}"#,
            Ok(r#"{"a":"2021-01-01T00:00:01.10+02","z":"2021-01-01T00:00:01.100+02:00"}"#),
        ),
        (
            "ctx.z = ZonedDateTime.parse(ctx.a).toString()",
            r#"{"a":"2021-01-01T00:00:01.1000001-0230"}"#,
            Err(
                "date_time_parse_exception: Text '2021-01-01T00:00:01.1000001-0230' could not be parsed, unparsed text found at index 30",
            ),
        ),
        (
            "ctx.z = Instant.parse(ctx.a).toString()",
            r#"{"a":"2021-01-01T00:00:01+01:00"}"#,
            Ok(r#"{"a":"2021-01-01T00:00:01+01:00","z":"2020-12-31T23:00:01Z"}"#),
        ),
        (
            "ctx.z = Instant.parse(ctx.a).toString()",
            r#"{"a":"2021-01-01T00:00Z"}"#,
            Err("date_time_parse_exception: Text '2021-01-01T00:00Z' could not be parsed at index 16"),
        ),
        (
            "ctx.z = ZonedDateTime.parse(ctx.a).equals(ZonedDateTime.parse(ctx.a)); ctx.y = ZonedDateTime.parse(ctx.a) == ZonedDateTime.parse(ctx.a); ctx.x = ZonedDateTime.parse(ctx.a).isEqual(ZonedDateTime.parse('2021-01-01T01:00:00+01:00'))",
            r#"{"a":"2021-01-01T00:00:00Z"}"#,
            Ok(r#"{"a":"2021-01-01T00:00:00Z","z":true,"y":true,"x":true}"#),
        ),
        (
            "ctx.z = ChronoUnit.SECONDS.between(Instant.ofEpochMilli(1999L), Instant.ofEpochMilli(0L)); ctx.y = ChronoUnit.DAYS.between(Instant.ofEpochMilli(0L), Instant.ofEpochSecond(200000L)); ctx.x = ChronoUnit.HOURS.between(ZonedDateTime.parse('2021-01-01T00:00:00+02:00'), ZonedDateTime.parse('2021-01-01T00:00:00Z')); ctx.w = ChronoUnit.MICROS.between(Instant.ofEpochSecond(0L, 1500L), Instant.ofEpochSecond(0L))",
            "{}",
            Ok(r#"{"z":-1,"y":2,"x":2,"w":-1}"#),
        ),
        (
            "ctx.z = ChronoUnit.NANOS.toString() + Duration.ofMillis(1500L)",
            "{}",
            Ok(r#"{"z":"NanosPT1.5S"}"#),
        ),
        (
            "ctx.z = Duration.between(ZonedDateTime.parse('2021-01-01T00:00:00Z'), ZonedDateTime.parse('2021-01-01T00:01:00.5Z')).getSeconds()",
            "{}",
            Ok(r#"{"z":60}"#),
        ),
    ]);
}
