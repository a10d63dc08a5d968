// What pages do beyond links and forms. Each part finds what it is about, or does nothing.
import { expand } from "./expand.js";
import { keys } from "./keys.js";
import { drag } from "./drag.js";
import { tail } from "./tail.js";
import { localize } from "./times.js";

localize(document);
expand();
keys();
drag();
tail();
