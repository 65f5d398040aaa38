-- Fills the tables of applications: :n of them, of :parties applicants. One in eight is with officials; the National Security
-- Committee has three tenths. The words of names are written folded, as the program folds them.
\set ON_ERROR_STOP on
SET synchronous_commit = off;
SET session_replication_role = replica; -- references are right as they are made
CREATE TEMPORARY TABLE w (k BIGINT, word TEXT, folded TEXT);
INSERT INTO w VALUES (0, 'Құрылыс', 'курылыс'), (1, 'Дала', 'дала'), (2, 'Сервис', 'сервис'), (3, 'Жетісу', 'жетису'), (4, 'Көлік', 'колик'),
    (5, 'Энергия', 'енергия'), (6, 'Байланыс', 'баиланыс'), (7, 'Өңір', 'онир'), (8, 'Сауда', 'сауда'), (9, 'Мұнай', 'мунаи');
INSERT INTO party (id, kind, number, name, surname, given_name, patronymic, profile, version, created_at)
    SELECT 'p' || i, 'organisation', CASE i WHEN 1 THEN :'bin' ELSE to_char(800000000000 + i, 'FM000000000000') END, '«' || a.word || ' ' || b.word || ' Үлгі' || i || '» ЖШС', '', '', '', '{}', 1, 1
    FROM generate_series(0::BIGINT, :parties - 1) i JOIN w a ON a.k = i % 10 JOIN w b ON b.k = i / 10 % 10;
INSERT INTO party_word (party, word)
    SELECT 'p' || i, one FROM generate_series(0::BIGINT, :parties - 1) i JOIN w a ON a.k = i % 10 JOIN w b ON b.k = i / 10 % 10
        CROSS JOIN LATERAL (SELECT DISTINCT one FROM unnest(ARRAY[a.folded, b.folded, 'улги' || i, 'жшс']) one) words;
INSERT INTO account (id, party, iin, surname, given_name, patronymic, email, phone, lang, password, version, created_at)
    VALUES ('bench', 'p0', '000000000000', '', '', '', '', '', 'kk', '', 1, 1);
INSERT INTO official (id, login, person, surname, given_name, patronymic, body, duties, password, password_at, blocked_at, version, created_at)
    SELECT 'o' || i, 'bench.o' || i, to_char(i, 'FM000000000000'), 'Үлгібаев' || i, 'Адам', '', 'knb', '["executor"]', '', 1, 0, 1, 1 FROM generate_series(1, 199) i;
INSERT INTO application (number, service, revision, operation, subtype, body, party, account, state, version, answers, sources, created_at, changed_at,
        sent_at, registered_at, decided_at, journal, decision, permit, step, holder, due, report, department, stopped, last, soon)
    SELECT CASE i WHEN 0 THEN :'number' ELSE 'KZ' || to_char(i % 97, 'FM00') || 'RRD' || to_char(10000000 + i, 'FM00000000') END, CASE WHEN state = 'draft' THEN 'draft' || i ELSE 'licence-restoration' END, 1, 'restoration', 'cryptography',
        body, 'p' || (i * 7919 % :parties), 'bench', state, 3, '{"category":"activity","series":"15","licence_number":"' || i || '","note":"' || repeat('x', 400) || '"}', '{}',
        at, at, at, CASE WHEN state = 'draft' THEN 0 ELSE at END, CASE WHEN state IN ('issued', 'returned') THEN at + 1 ELSE 0 END, i,
        CASE WHEN state IN ('issued', 'returned') THEN '{"outcome":"granted","by":"system","revision":1,"branch":"granted","inputs":{}}' ELSE 'null' END, '',
        CASE WHEN state = 'in_progress' THEN (CASE WHEN i % 4 = 0 THEN 'confirm' ELSE 'match' END) ELSE '' END,
        CASE WHEN state = 'in_progress' AND h < 0.6 THEN (CASE WHEN body = 'knb' AND i % 200 > 0 THEN 'o' || i % 200 WHEN body = 'knb' THEN :'me' ELSE 'x' || i % 200 END) ELSE '' END,
        CASE WHEN state = 'in_progress' THEN to_char(due, 'YYYY-MM-DD') ELSE '' END,
        CASE WHEN stopped = 1 THEN '{"clock":{"calendar":"c","from":"' || to_char(due - 15, 'YYYY-MM-DD') || '","days":10,"stops":[{"from":"' || to_char(due - 3, 'YYYY-MM-DD') || '","cause":"correction"}]}}'
             ELSE '{"clock":{"calendar":"c","from":"' || to_char(due - 15, 'YYYY-MM-DD') || '","days":10}}' END,
        CASE WHEN i % 3 = 0 THEN '' ELSE 'd' || i % 10 END, stopped, CASE WHEN state = 'in_progress' THEN to_char(due, 'YYYY-MM-DD') ELSE '9999-12-31' END, to_char(due - 3, 'YYYY-MM-DD')
    FROM (SELECT i, h, CASE WHEN b < 0.3 THEN 'knb' WHEN b < 0.5 THEN 'cci' WHEN b < 0.65 THEN 'mti' WHEN b < 0.8 THEN 'moh' ELSE 'moj' END AS body,
            CASE WHEN s < 0.12 THEN 'in_progress' WHEN s < 0.9 THEN 'issued' WHEN s < 0.98 THEN 'returned' ELSE 'draft' END AS state,
            (extract(epoch FROM now()) * 1000000)::BIGINT - (CASE WHEN s < 0.12 THEN 18 ELSE 1500 END * a * 86400000000)::BIGINT AS at,
            current_date + (15 - 18 * a)::INTEGER AS due, CASE WHEN s < 0.01 THEN 1 ELSE 0 END AS stopped
        FROM (SELECT i, random() AS b, random() AS s, random() AS h, random() AS a FROM generate_series(0::BIGINT, :n - 1) i) dice) rows;
VACUUM ANALYZE;
