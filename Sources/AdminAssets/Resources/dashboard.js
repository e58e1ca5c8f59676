// The dashboard's page. Without this it shows the gateway as it was when the page was loaded.

import {startAttempts} from "./attempts.js";
import {startDeadLetters} from "./dead-letters.js";
import {keepUpToDate} from "./live.js";
import {startReplays} from "./replays.js";
import {startRoutes} from "./routes.js";
import {startStories} from "./story.js";
import {rowChanged, startSubscribers} from "./subscribers.js";

document.documentElement.classList.add("js");
startSubscribers();
startDeadLetters();
startStories();
startReplays();
startRoutes();
startAttempts();
keepUpToDate(rowChanged);
