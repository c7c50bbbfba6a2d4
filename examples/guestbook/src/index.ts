import { sqlBook } from './book.ts';
import { guestbook } from './guestbook.ts';

export default guestbook(sqlBook());
